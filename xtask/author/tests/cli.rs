//! The commands for authors: the real program, on a copy of the tree.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of the lab with untouched stubs, deleted after the test.
struct Lab(PathBuf);

impl Lab {
    fn new(name: &str) -> Self {
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&root);
        let origin = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
        copy(origin, &root, &["target", ".git", ".kept", ".progress"]);
        let lab = Lab(root);
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

    fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    /// All files with their bytes.
    fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        collect(&self.0, "", &mut tree);
        tree
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

fn copy(from: &Path, to: &Path, without: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if without.iter().any(|other| name == *other) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name), &["target"]);
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

fn collect(root: &Path, folder: &str, tree: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &format!("{name}/"), tree);
        } else {
            tree.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

const LOG: &str = "modules/01-data-model/src/log.rs";

#[test]
fn stale_stubs_are_reported_and_written_but_never_over_a_learners_work() {
    let lab = Lab::new("stubs");
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
