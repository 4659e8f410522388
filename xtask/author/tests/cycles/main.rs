//! No crate of the workspace has a cycle of files: a file that uses another is never used by it, directly or
//! through others. So every file can be read after those that it uses.
//!
//! A file uses another if it names one of its items: in `use crate::…`, `use super::…`, or a path in its code.
//! Declaring `mod child;` is not a use, and neither is passing an item on by `pub use child::Item;`. Tests inside
//! a crate may use everything.

mod graph;
mod sources;

use std::path::{Path, PathBuf};

use graph::Graph;

/// Files of a crate that may use each other.
struct Exception {
    /// The folder of the sources, from the root.
    src: &'static str,
    files: &'static [&'static str],
}

/// A server is a state with a table of functions over that state, and the event loop runs the table: the three
/// types name each other, and a reader needs all three at once.
const STATE_AND_TABLE: &[&str] = &["event_loop.rs", "node.rs", "outbox.rs", "rules.rs"];

const EXCEPTIONS: &[Exception] = &[
    Exception { src: "modules/01-data-model/src", files: STATE_AND_TABLE },
    Exception { src: "solutions/01-data-model/src", files: STATE_AND_TABLE },
];

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    root.expect("this crate is two folders below the root").to_path_buf()
}

/// The source folders of all crates of the workspace, from the root.
fn source_folders(root: &Path) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("xtask/src"), PathBuf::from("xtask/author/src")];
    for group in ["modules", "solutions", "tests"] {
        for name in xtask::files::names(&root.join(group)).expect("the folder can be read") {
            folders.push(Path::new(group).join(name).join("src"));
        }
    }
    folders.retain(|folder| root.join(folder).is_dir());
    folders.sort();
    folders
}

#[test]
fn no_crate_has_a_cycle_of_files() {
    let root = root();
    let folders = source_folders(&root);
    assert!(folders.len() > 15, "only {} crates were found", folders.len());
    let mut cycles = Vec::new();
    for folder in folders {
        let name = xtask::files::shown(&folder);
        let graph = Graph::read(&root.join(&folder));
        let is_excepted = |cycle: &graph::Cycle| {
            EXCEPTIONS.iter().any(|exception| {
                exception.src == name && cycle.files().all(|file| exception.files.contains(&file))
            })
        };
        for cycle in graph.cycles().into_iter().filter(|cycle| !is_excepted(cycle)) {
            cycles.push(format!("{name}:\n{cycle}"));
        }
    }
    assert!(
        cycles.is_empty(),
        "These files use each other in a circle. Move what both need into a file of its own, or to the file \
         that is used.\n\n{}",
        cycles.join("\n")
    );
}

#[test]
fn a_cycle_is_named_file_by_file() {
    let folder = std::env::temp_dir().join(format!("author-cycles-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let files = [
        ("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::Thing;\npub struct Root;\n"),
        (
            "a.rs",
            "mod deep;\n\nuse crate::{Thing, c::{self, Other}};\n\npub fn call() { deep::run() }\n",
        ),
        ("a/deep.rs", "use super::call as other;\npub fn run() { crate::b::nothing() }\n"),
        (
            "b.rs",
            "pub struct Thing;\npub fn nothing() {}\n#[cfg(test)]\nmod tests { use crate::a::call; }\n",
        ),
        (
            "c.rs",
            "pub struct Other;\n/// See [`crate::a::call`].\nfn f() { \"crate::a::call\"; }\n",
        ),
    ];
    for (path, text) in files {
        xtask::files::write(&folder.join(path), text.as_bytes()).expect("it can be written");
    }
    let cycles = Graph::read(&folder).cycles();
    std::fs::remove_dir_all(&folder).expect("it can be removed");
    let shown: Vec<String> = cycles.iter().map(ToString::to_string).collect();
    let expected =
        "  a.rs:5 uses a/deep.rs (`deep::run`)\n  a/deep.rs:1 uses a.rs (`super::call`)\n";
    assert_eq!(shown, [expected]);
}
