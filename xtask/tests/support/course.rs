//! A newer course, for tests of `update`: a copy of the lab, changed like a later version.

// Each file of tests uses a part of this.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::support::Lab;

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) const VOTE: &str = "modules/02-election/src/vote.rs";
pub(crate) const LOG: &str = "modules/01-data-model/src/log.rs";
pub(crate) const OWN: &str = "modules/02-election/src/own.scenario";

/// What the learner writes in the place of a stub's `todo!`.
const UP_TO_DATE: &str = "helper(log.last_index().0, \"}\") > 0";

impl Lab {
    /// A course of version 9.9.9. `request_vote` has one more parameter, `last_term` has another name, 2.7 is gone with
    /// its file, and given files are changed, added and removed.
    pub(crate) fn newer(name: &str) -> Self {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let lab = Lab::copied(origin, Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        let edit = |path: &str, from: &str, to: &str| lab.replace(path, from, to);
        edit("Cargo.toml", "version = \"0.1.0\"", "version = \"9.9.9\"");
        let vote = ".pristine/02-election/src/vote.rs";
        edit(vote, "request: &RequestVote,\n", "request: &RequestVote,\n    now: u64,\n");
        edit(vote, "// Exercise 2.2: ", "// Exercise 2.2: In other words: ");
        edit(".pristine/01-data-model/src/log.rs", "fn last_term", "fn newest_term");
        let list = "tests/02-election/exercises.toml";
        let text = lab.read(list);
        let (before, rest) = text.split_once("[[exercise]]\nid = \"2.7\"").unwrap();
        let (_, after) = rest.split_once("[[exercise]]").unwrap();
        lab.write(list, &format!("{before}[[exercise]]{after}"));
        fs::remove_file(lab.0.join(".pristine/02-election/src/follower.rs")).unwrap();
        fs::remove_file(lab.0.join("docs/performance.md")).unwrap();
        lab.write("docs/news.md", "# News\n");
        lab.write("tests/gates/src/new_file.rs", "//! New.\n");
        let path = ".pristine/05-persistence/src/frame.rs";
        let text = lab.read(path);
        lab.write(path, &text.replacen("//!", "//! Newer:", 1));
        // Somebody works there, and no other program does.
        lab.write(VOTE, "somebody's work\n");
        lab.write(".progress", "done 7.1\n");
        lab
    }

    /// Updates to a newer course, and expects an exit code and words.
    pub(crate) fn update(&self, newer: &str, code: i32, words: &[&str]) -> String {
        let said = self.run(&["update", newer, "--yes"]);
        said.expect(code, words).text.clone()
    }

    /// Replaces a part of a file, which must be there.
    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.write(path, &text.replacen(from, to, 1));
    }

    /// Changes almost every given file, so that an update takes long enough to be interrupted.
    pub(crate) fn change_everything(&self) {
        for path in self.tree().into_keys() {
            let end = Path::new(&path).extension().and_then(|end| end.to_str());
            let is_text = matches!(end, Some("rs" | "md" | "scenario"));
            let is_given = path.starts_with("docs/")
                || path.starts_with("tests/")
                || path.starts_with("xtask/");
            if is_text && is_given {
                self.write(&path, &(self.read(&path) + "\n"));
            }
        }
    }

    /// Writes as a learner does: bodies, helpers, imports, a file, a scenario and notes.
    pub(crate) fn work(&self) {
        self.replace(VOTE, "todo!(\"exercise 2.2\")", UP_TO_DATE);
        self.replace(VOTE, "todo!(\"exercise 2.3\")", "let mine = request.term;\n    todo!()");
        self.replace(
            VOTE,
            "use crate::reset",
            "use std::collections::BTreeMap as Map;\n\nuse crate::reset",
        );
        let vote = self.read(VOTE);
        self.write(
            VOTE,
            &format!(
                "{vote}\nfn helper(a: u64, b: &str) -> usize {{\n    b.len() + a as usize\n}}\n"
            ),
        );
        self.replace(LOG, "todo!(\"exercise 1.2\")", "self.entries.len().into()");
        let stub = self.read(LOG);
        let (before, after) = stub.split_once("fn last_term").unwrap();
        let after = after.replacen("todo!(\"exercise 1.2\")", "Term(7)", 1);
        self.write(LOG, &format!("{before}fn last_term{after}"));
        self.replace(
            "modules/02-election/src/follower.rs",
            "todo!(\"exercise 2.7\")",
            "node.mine();",
        );
        self.replace(
            "modules/02-election/src/lib.rs",
            "mod follower;\n",
            "mod extra;\nmod follower;\n",
        );
        self.write("modules/02-election/src/extra.rs", "//! Mine.\r\n");
        self.replace(OWN, "todo \"exercise 2.8\"", "cluster 3\ntimeout S1");
        self.replace("docs/resources/notes/02-election.md", "…", "Because of quorums.");
        self.replace("tests/gates/src/lib.rs", "//!", "//! Edited by me.\n//!");
        self.write("my-notes.txt", "mine\n");
        self.write(".progress", "done 1.2\ndone 2.7\nskipped 2.3\nhint 2.7 2\nbadge early\n");
    }
}

/// Every file that is no longer as it was is in the copy, byte for byte. Cargo may write its lock file again.
pub(crate) fn assert_kept(before: &Files, after: &Files) {
    for (path, bytes) in before.iter().filter(|(path, _)| *path != "Cargo.lock") {
        let is_there = after.get(path) == Some(bytes);
        let copy = after.get(&format!(".kept/001-update/{path}"));
        assert!(is_there || copy == Some(bytes), "{path} is lost");
    }
}
