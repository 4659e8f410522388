//! The runner as a learner starts it: the real program, on a copy of the tree.

// Each file of tests uses a part of this.
#![allow(dead_code)]

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::Lab;

/// What a command printed, and its exit code.
pub(crate) struct Said {
    pub(crate) text: String,
    pub(crate) code: Option<i32>,
}

impl Lab {
    /// A fresh clone.
    pub(crate) fn new(name: &str) -> Self {
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let lab = Lab::copied(origin, Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
        // Somebody may be working through the exercises in the tree that was copied.
        for entry in fs::read_dir(lab.0.join(".pristine")).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                let module = entry.file_name();
                lab.run(&["reset", module.to_str().unwrap(), "--yes"]).expect(0, &[]);
            }
        }
        lab.run(&["use", "1", "mine"]).expect(0, &[]);
        let _ = fs::remove_file(lab.0.join(".progress"));
        let _ = fs::remove_dir_all(lab.0.join(".kept"));
        lab
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Said {
        self.run_in("", arguments)
    }

    pub(crate) fn run_in(&self, folder: &str, arguments: &[&str]) -> Said {
        run(&self.0.join(folder), arguments)
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.0.join(path)).unwrap()
    }
}

impl Said {
    pub(crate) fn expect(&self, code: i32, words: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for word in words {
            assert!(self.text.contains(word), "no `{word}` in:\n{}", self.text);
        }
        self
    }
}

pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Said {
    run_hearing(folder, arguments, "")
}

/// Runs a command that reads these lines.
pub(crate) fn run_hearing(folder: &Path, arguments: &[&str], lines: &str) -> Said {
    let mut child = command(folder, arguments).stdin(Stdio::piped()).spawn().unwrap();
    // Most commands end without reading.
    let _ = child.stdin.take().unwrap().write_all(lines.as_bytes());
    ended(child)
}

/// Waits for a command.
pub(crate) fn ended(child: Child) -> Said {
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout.as_slice(), &output.stderr].concat();
    Said { text: String::from_utf8(said).unwrap(), code: output.status.code() }
}

/// The runner, ready to start in a folder.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.args(arguments).current_dir(folder).env("NO_COLOR", "1");
    command.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_TARGET_DIR");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
