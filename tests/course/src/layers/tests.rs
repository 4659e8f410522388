//! Layers in a tree of three modules.

use std::fs;

use super::*;
use crate::module::read_modules;

const FIRST: [(&str, &str); 2] = [
    ("lib.rs", "mod rules;\npub use rules::{RULES, Rules};\n"),
    (
        "rules.rs",
        "pub struct Rules {\n    /// The server has started. (1)\n    pub start: fn(&mut Node),\n    /// A \
         vote. More.\n    pub request_vote:\n        fn(&mut Node, u8) -> u8,\n}\n\
         pub const RULES: Rules = Rules { start: |_| {}, request_vote: |_, _| 1 };\n",
    ),
];
const SECOND: [(&str, &str); 2] = [
    (
        "lib.rs",
        "pub use first;\nmod vote;\npub use vote::{request_vote};\n\
         pub const RULES: Rules = Rules { request_vote, ..first::RULES };\n",
    ),
    (
        "vote.rs",
        "/// Row `request_vote`: grants a vote. Or not.\npub fn request_vote(node: &mut Node, x: u8) -> u8 { x }\n",
    ),
];
const THIRD: [(&str, &str); 3] = [
    (
        "lib.rs",
        "use second::guard;\nconst PART: Rules = Rules { ..second::RULES };\n\
         pub const RULES: Rules = Rules { request_vote: |node, x| guard(node, outer::request_vote), ..PART };\n",
    ),
    (
        "inner.rs",
        "use second as below;\n/// Inner.\npub fn request_vote(node: &mut Node, x: u8) -> u8 {\n    \
         below::request_vote(node, x)\n}\n",
    ),
    (
        "outer.rs",
        "use crate::{inner, other as o};\n/// Outer: \"inner::nothing(\".\npub fn request_vote(node: &mut Node, \
         x: u8) -> u8 {\n    // second::request_vote(node)\n    node.request_vote(x);\n    inner::request_vote(node, x)\n}\n",
    ),
];

#[test]
fn a_row_is_followed_from_the_last_module_to_the_first() {
    let root = std::env::temp_dir().join(format!("course-layers-{}", std::process::id()));
    let _ = fs::remove_dir_all(&root);
    let crates: [(&str, &[(&str, &str)]); 3] =
        [("first", &FIRST), ("second", &SECOND), ("third", &THIRD)];
    for ((name, files), number) in crates.into_iter().zip(1..) {
        let dir = format!("0{number}-{name}");
        let src = root.join("modules").join(&dir).join("src");
        let suite = root.join("tests").join(&dir);
        fs::create_dir_all(&src).unwrap();
        fs::create_dir_all(&suite).unwrap();
        for (file, text) in files {
            fs::write(src.join(file), text).unwrap();
        }
        let toml = format!(
            "module = \"{dir}\"\npackage = \"{name}\"\ntitle = \"\"\nsection = \"\"\nexercise = []\n"
        );
        fs::write(suite.join("exercises.toml"), toml).unwrap();
    }
    let rows = rows(&root, &read_modules(&root).unwrap(), Module::learner).unwrap();
    fs::remove_dir_all(&root).unwrap();

    assert_eq!((rows[0].name.as_str(), rows[0].layers.len()), ("start", 0));
    assert_eq!(rows[0].says, "The server has started.");
    assert_eq!((rows[1].name.as_str(), rows[1].says.as_str()), ("request_vote", "A vote."));
    let layers: Vec<String> = rows[1]
        .layers
        .iter()
        .map(|l| format!("{} {}:{} {}", l.function, l.file.display(), l.line, l.says))
        .collect();
    let expected = [
        "outer::request_vote modules/03-third/src/outer.rs:3 Outer: \"inner::nothing(\".",
        "inner::request_vote modules/03-third/src/inner.rs:3 Inner.",
        "vote::request_vote modules/02-second/src/vote.rs:2 Grants a vote.",
    ];
    assert_eq!(layers, expected.map(|line| line.replace('/', std::path::MAIN_SEPARATOR_STR)));
}
