//! The commands for authors: the real program, on a copy of the tree.

#[path = "../../tests/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::Lab;

impl Lab {
    /// A copy with untouched stubs.
    fn new(name: &str) -> Self {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        let lab = Lab::copied(origin, Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        // Somebody may be working through the exercises in the tree that was copied.
        lab.expect(&["stubs", "--force"], 0, &[]);
        let _ = fs::remove_dir_all(lab.0.join(".kept"));
        lab
    }

    /// Runs a command that must end with this code, and print these words.
    fn expect(&self, arguments: &[&str], code: i32, words: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_author"));
        let output = command.args(arguments).current_dir(&self.0).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert_eq!(output.status.code(), Some(code), "{text}");
        for word in words {
            assert!(text.contains(word), "no `{word}` in:\n{text}");
        }
    }
}

const LOG: &str = "modules/01-data-model/src/log.rs";

#[test]
fn stale_stubs_are_reported_and_written_but_never_over_a_learners_work() {
    let lab = Lab::new("stubs");
    lab.expect(&["stubs", "--check"], 0, &[]);
    // A runner that was killed while it wrote has not changed a stub.
    lab.write("modules/01-data-model/src/.log.rs.1a2b3c.tmp", "half");
    lab.expect(&["stubs", "--check"], 0, &[]);
    let before = lab.tree();
    lab.write(LOG, "// old\n");
    lab.write("modules/02-election/src/own.scenario", "");
    fs::remove_file(lab.0.join("modules/01-data-model/src/node.rs")).unwrap();
    lab.write("modules/02-election/src/more.rs", "");
    lab.write(".pristine/02-election/src/vote.rs", "");
    lab.write(".pristine/02-election/Cargo.toml", "");
    let words = [
        "log.rs is stale",
        "node.rs is missing",
        "more.rs is not in",
        "own.scenario is",
        ".pristine/02-election/src/vote.rs is stale",
        "Cargo.toml is stale",
    ];
    lab.expect(&["stubs", "--check"], 1, &words);
    lab.write(".progress", "done 1.1\n");
    lab.expect(&["stubs"], 2, &["would replace that work", "--force"]);
    fs::remove_file(lab.0.join(".progress")).unwrap();
    lab.expect(&["stubs"], 0, &["is in .kept/001-stubs"]);
    fs::remove_dir_all(lab.0.join(".kept")).unwrap();
    assert!(before == lab.tree(), "a stub differs from before");
}

#[test]
fn a_server_that_is_not_in_the_zoo_is_an_error_before_anything_is_built() {
    let lab = Lab::new("zoo");
    let words = ["there is no server `vote-stp-2` in the zoo; did you mean `vote-step-2`"];
    lab.expect(&["zoo", "vote-stp-2"], 2, &words);
    lab.expect(&["zoo", "E3", "--module", "2"], 2, &["no server `E3` of 02-election in the zoo"]);
    lab.expect(&["zoo", "--module", "elektion"], 2, &["there is no module `elektion`"]);
    // Right servers are shown, and nothing is judged.
    let words = ["1 right servers", "broadcast-reversed", "It may: "];
    lab.expect(&["zoo", "broadcast-reversed"], 0, &words);
}
