//! `update`, for learners who may have changed anything: every byte that they wrote survives.

#[path = "support/course.rs"]
mod course;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use course::assert_kept;
use support::Lab;

/// Draws, the same in every run of the test: a generator of Lehmer's.
struct Draws(u64);

impl Draws {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        usize::try_from(self.0).unwrap() % limit
    }
}

/// Changes files of the modules as learners might: bodies of the reference, helpers, notes, other line endings, files
/// removed and added.
fn write_anything(lab: &Lab, draws: &mut Draws) {
    let files: Vec<String> = lab.tree().into_keys().filter(|path| is_source(path)).collect();
    for path in files {
        let stub = lab.read(&path);
        let reference = lab.0.join(path.replacen("modules", "solutions", 1));
        let reference = fs::read_to_string(reference).unwrap();
        let text = match draws.below(8) {
            0 => reference,
            1 => reference.replace('\n', "\r\n"),
            2 => stub.replace("todo!(\"exercise", "// später\n        mine!(\"exercise"),
            3 => format!("{stub}\n/// Mine.\nfn helper_of_mine() {{\n    /* }} */\n}}\n"),
            // Elsewhere, the indented lines are the opening comment, which is given.
            4 if Path::new(&path).extension().is_some_and(|ending| ending == "rs") => {
                stub.replacen("use ", "use std::fmt::Debug as D;\nuse ", 1).replace("    ", "\t")
            }
            5 => stub.replace("//! ", "//! I think: "),
            6 => {
                fs::remove_file(lab.0.join(&path)).unwrap();
                continue;
            }
            _ => continue,
        };
        lab.write(&path, &text);
    }
    lab.write(MINE, &format!("{}\r\n", draws.below(1_000)));
}

const MINE: &str = "modules/03-replication/src/mine.txt";

fn is_source(path: &str) -> bool {
    path.starts_with("modules/0") && path.contains("/src/")
}

#[test]
fn every_byte_of_a_learner_survives() {
    let newer = Lab::newer("update-property-newer");
    let origin = Lab::new("update-property-origin");
    for seed in 1..=4 {
        let lab = Lab::copied(&origin.0, origin.0.with_file_name("update-property"));
        write_anything(&lab, &mut Draws(seed));
        let before = lab.tree();
        lab.update(newer.0.to_str().unwrap(), 0, &["version 9.9.9"]);
        let after = lab.tree();
        assert_kept(&before, &after);
        // And in the words of a learner: each line that is not given is in a file of the tree or in the list.
        let list = String::from_utf8_lossy(&after[".kept/001-update/NOT-MOVED.md"]).into_owned();
        let now: String = after
            .iter()
            .filter(|(path, _)| is_source(path))
            .map(|(_, bytes)| String::from_utf8_lossy(bytes).into_owned())
            .collect();
        let all: BTreeSet<&str> = now.lines().chain(list.lines()).map(str::trim).collect();
        for (path, bytes) in before.iter().filter(|(path, _)| is_source(path) && *path != MINE) {
            let stub = lab_stub(&origin, path);
            let given: Vec<&str> = stub.lines().map(str::trim).collect();
            let text = String::from_utf8_lossy(bytes).into_owned();
            let own = text.lines().map(str::trim).filter(|line| !given.contains(line));
            for line in own.filter(|line| line.contains(char::is_alphanumeric)) {
                let is_import =
                    line.starts_with("use ") || line.ends_with(',') || line.starts_with('}');
                assert!(all.contains(line) || is_import, "seed {seed}: {path}: `{line}` is lost");
            }
        }
        let again = lab.run(&["update", newer.0.to_str().unwrap(), "--yes"]);
        again.expect(0, &["already the course"]);
    }
}

fn lab_stub(lab: &Lab, path: &str) -> String {
    let path = path.replacen("modules", ".pristine", 1);
    fs::read_to_string(lab.0.join(path)).unwrap_or_default()
}
