//! Runners that are killed at any moment: no file is half-written, and nothing that a learner wrote is lost.
//!
//! Not on Windows, where the cargo that a killed runner has started keeps folders from being moved.

#![cfg(unix)]

#[path = "support/moments.rs"]
mod moments;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use moments::{Moments, kills};
use runner::command;
use support::Lab;

/// Starts a command and kills it after this time. Returns whether it was still running.
fn kill(lab: &Lab, arguments: &[&str], after: Duration) -> bool {
    let mut child = command(&lab.0, arguments).spawn().unwrap();
    thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap().code().is_none()
}

/// How long a command takes, so that it is killed somewhere in between.
fn time(lab: &Lab, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    lab.run(arguments).expect(0, &[]);
    start.elapsed()
}

#[test]
fn a_handout_that_was_killed_can_be_repeated() {
    let lab = Lab::new("kill-handout");
    let around = tempfile::tempdir().unwrap();
    let out = around.path().join("out of here");
    let arguments = ["handout", out.to_str().unwrap()];
    let took = time(&lab, &arguments);
    let whole = read(&out);
    let mut moments = Moments(1);
    // How often it was killed while it wrote.
    let (mut round, mut halves) = (0, 0);
    while halves < 4 {
        round += 1;
        assert!(round < 200, "killed {halves} times while it wrote: too few to say anything");
        let _ = fs::remove_dir_all(&out);
        if round % 2 == 0 {
            fs::create_dir(&out).unwrap();
        }
        kill(&lab, &arguments, moments.within(took));
        // It is there completely or not at all.
        let left = if out.is_dir() { read(&out) } else { BTreeMap::new() };
        assert!(left.is_empty() || left == whole, "a half-written handout is in its place");
        halves +=
            usize::from(fs::read_dir(around.path()).unwrap().count() > usize::from(out.exists()));
        if left.is_empty() {
            lab.run(&arguments).expect(0, &["The learner's tree is in"]);
            assert!(read(&out) == whole, "the second handout differs from the first");
        }
        let there: Vec<_> =
            fs::read_dir(around.path()).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(there, std::slice::from_ref(&out));
    }
}

const NODE: &str = "modules/01-data-model/src/node.rs";
const EXTRA: &str = "modules/01-data-model/src/extra.rs";
const PROGRESS: &str =
    "done 1.4\ndone 7.1\nskipped 7.2\nhint 7.3 2\nanswered q7.1 right\nbadge early\n";

/// Kills a command at many moments. Each time, every file is as before or as after, and every byte of the learner
/// is in its place or in `.kept`.
///
/// The folder has a space and a letter that is not ASCII, and, like all copies in these tests, no `.git`.
fn killed_at_any_moment(name: &str, seed: u64, first: &[&str], arguments: &[&str]) {
    let lab = Lab::new(&format!("kill é {name}"));
    let mine = lab.read(NODE).replacen("todo!(\"exercise 1.4\")", "Index(7)", 1);
    lab.write(NODE, &mine);
    lab.write(EXTRA, "//! Mine.\n");
    lab.write(".progress", PROGRESS);
    lab.run(first).expect(0, &[]);
    let before = files(&lab);
    let took = time(&lab, arguments);
    let after = files(&lab);
    assert!(after != before, "{arguments:?} does nothing");
    let mut moments = Moments(seed);
    for _ in 0..kills() {
        restore(&lab, &before);
        let moment = moments.within(took);
        kill(&lab, arguments, moment);
        let left = files(&lab);
        let place = format!("{arguments:?}, killed after {moment:?}");
        for path in before.keys().chain(after.keys()).chain(left.keys()) {
            let now = left.get(path);
            let is_whole = now == before.get(path) || now == after.get(path);
            assert!(is_whole, "{place}: {path} is neither as before nor as after");
        }
        for path in [NODE, EXTRA] {
            let is_there = left.get(path) == Some(&before[path]);
            assert!(
                is_there || kept(&lab, path).contains(&before[path]),
                "{place}: {path} is lost"
            );
        }
        // A complete command is not run twice: a second hint would say more.
        let next: &[&str] = if left == after { &["status"] } else { arguments };
        let said = lab.run(next);
        assert!(!said.expect(0, &[]).text.contains("warning"), "{}", said.text);
        assert!(files(&lab) == after, "{place}: it cannot be repeated");
    }
    lab.run(&["reset", "1", "--yes"]).expect(0, &[]);
    let drafts: Vec<String> = lab.tree().into_keys().filter(|path| is_draft(path)).collect();
    assert!(drafts.iter().all(|path| path.starts_with(".kept")), "{drafts:?}");
}

#[test]
fn a_hint_may_be_killed_at_any_moment() {
    killed_at_any_moment("hint", 11, &["status"], &["hint", "2.1"]);
}

#[test]
fn a_skip_may_be_killed_at_any_moment() {
    killed_at_any_moment("skip", 12, &["status"], &["skip", "1.1"]);
}

#[test]
fn a_switch_to_the_reference_may_be_killed_at_any_moment() {
    killed_at_any_moment("use", 13, &["status"], &["use", "2", "solution"]);
}

#[test]
fn a_switch_back_may_be_killed_at_any_moment() {
    killed_at_any_moment("use back", 14, &["use", "2", "solution"], &["use", "2", "mine"]);
}

#[test]
fn a_reset_of_an_exercise_may_be_killed_at_any_moment() {
    killed_at_any_moment("reset exercise", 15, &["status"], &["reset", "1.4", "--yes"]);
}

#[test]
fn a_reset_of_a_module_may_be_killed_at_any_moment() {
    killed_at_any_moment("reset module", 16, &["status"], &["reset", "1", "--yes"]);
}

/// The system ends a program that writes more of a file than it may: here, in the middle of its first large file.
#[test]
fn a_runner_that_ends_in_the_middle_of_a_write_leaves_the_file_as_it_was() {
    let lab = Lab::new("kill-write");
    // A copy of this is kept whole. The stub that would replace it is large.
    lab.write(NODE, "// mine\n");
    lab.write(".progress", &(PROGRESS.to_owned() + &"badge of honour\n".repeat(200)));
    let before = files(&lab);
    let cases: [&[&str]; 4] =
        [&["hint", "2.1"], &["skip", "1.1"], &["use", "2", "solution"], &["reset", "1", "--yes"]];
    for arguments in cases {
        let limited = "ulimit -c 0 && ulimit -f 1 && exec \"$0\" \"$@\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", limited, env!("CARGO_BIN_EXE_xtask")]).args(arguments);
        let ended = shell.current_dir(&lab.0).env_remove("CARGO_MANIFEST_DIR").output().unwrap();
        assert_eq!(ended.status.code(), None, "{arguments:?} wrote all that it had to");
        assert!(files(&lab) == before, "{arguments:?} has changed a file");
    }
    assert_eq!(kept(&lab, NODE), [b"// mine\n"]);
    for arguments in cases {
        lab.run(arguments).expect(0, &[]);
    }
}

type Files = BTreeMap<String, Vec<u8>>;

/// All files but copies, drafts, and the lock file that cargo writes.
fn files(lab: &Lab) -> Files {
    let mut files = lab.tree();
    files.retain(|path, _| !path.starts_with(".kept/") && !is_draft(path) && path != "Cargo.lock");
    files
}

fn is_draft(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|end| end == "tmp")
}

/// The copies of a file.
fn kept(lab: &Lab, path: &str) -> Vec<Vec<u8>> {
    let end = format!("/{path}");
    let is_copy = |name: &String| name.starts_with(".kept/") && name.ends_with(&end);
    lab.tree().into_iter().filter(|(name, _)| is_copy(name)).map(|(_, bytes)| bytes).collect()
}

/// Makes the files as they were, without any copy.
fn restore(lab: &Lab, files: &Files) {
    let _ = fs::remove_dir_all(lab.0.join(".kept"));
    for (path, bytes) in files {
        if fs::read(lab.0.join(path)).ok().as_ref() != Some(bytes) {
            fs::write(lab.0.join(path), bytes).unwrap();
        }
    }
}

/// All files of a folder, with their bytes.
fn read(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut open = vec![dir.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                all.insert(path.strip_prefix(dir).unwrap().to_path_buf(), fs::read(&path).unwrap());
            }
        }
    }
    all
}
