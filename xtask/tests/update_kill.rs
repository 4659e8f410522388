//! An update that is killed at any moment: the tree is as it was, or the same command finishes it.
//!
//! Not on Windows, where a test cannot kill in the middle of a write.

#![cfg(unix)]

#[path = "support/course.rs"]
mod course;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use course::{Files, VOTE};
use runner::command;
use support::Lab;

/// The tree without copies, and without what cargo writes.
fn tree(lab: &Lab) -> Files {
    let mut files = lab.tree();
    files.retain(|path, _| !path.starts_with(".kept/") && path != "Cargo.lock");
    files
}

/// Asserts that every file, as it was, is in the tree or in a copy. An update that is not finished has one as well.
fn assert_all_survive(lab: &Lab, before: &Files) {
    let now = lab.tree();
    let mut copies: BTreeMap<&str, Vec<&Vec<u8>>> = BTreeMap::new();
    for (path, bytes) in &now {
        let copy = path.strip_prefix(".kept/update.unfinished/copy/");
        let copy =
            copy.or_else(|| path.strip_prefix(".kept/")?.split_once('/').map(|(_, path)| path));
        copies.entry(copy.unwrap_or(path)).or_default().push(bytes);
    }
    for (path, bytes) in before {
        let is_there = copies.get(path.as_str()).is_some_and(|all| all.contains(&bytes));
        assert!(is_there, "{path} is lost");
    }
}

#[test]
fn an_update_may_be_killed_at_any_moment() {
    let newer = Lab::newer("kill-update-newer");
    newer.change_everything();
    let origin = Lab::new("kill-update-origin");
    origin.work();
    let before = tree(&origin);
    let arguments = ["update", newer.0.to_str().unwrap(), "--yes"];
    let fresh = || Lab::copied(&origin.0, origin.0.with_file_name("kill update é"));
    let with_progress = |lab: &Lab| {
        fs::copy(origin.0.join(".progress"), lab.0.join(".progress")).unwrap();
    };

    let lab = fresh();
    with_progress(&lab);
    let start = Instant::now();
    lab.run(&arguments).expect(0, &["version 9.9.9"]);
    let took = start.elapsed();
    let after = tree(&lab);

    for round in 0..6 {
        let lab = fresh();
        with_progress(&lab);
        let mut child = command(&lab.0, &arguments).spawn().unwrap();
        let moment = took * (20 + round * 13) / 100;
        let more = Duration::from_micros(u64::from(round) * 700);
        match round % 3 {
            0 => thread::sleep(moment),
            1 => wait_for(&lab, ".kept/update.tmp", more),
            _ => wait_for(&lab, ".kept/update.unfinished", more),
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let now = tree(&lab);
        let is_decided = lab.0.join(".kept/update.unfinished").is_dir();
        if now != before && now != after {
            assert!(is_decided, "half of the files are new, and nobody would finish it");
            let status = lab.run(&["list"]).text;
            assert!(
                status.contains("an update was interrupted") || status.contains("cannot read"),
                "{status}"
            );
        }
        assert_all_survive(&lab, &before);
        lab.run(&arguments).expect(0, &[]);
        assert!(tree(&lab) == after, "killed after {moment:?}: the second time ends otherwise");
        assert_all_survive(&lab, &before);
        let left = [".kept/update.tmp", ".kept/update.unfinished"];
        assert!(left.iter().all(|path| !lab.0.join(path).exists()), "something is left");
    }
}

/// Waits until an update has made a folder, and a moment longer.
fn wait_for(lab: &Lab, folder: &str, more: Duration) {
    let end = Instant::now() + Duration::from_mins(1);
    while !lab.0.join(folder).is_dir() && Instant::now() < end {
        thread::sleep(Duration::from_micros(200));
    }
    thread::sleep(more);
}

/// A file that cannot be written stops an update half-way, as a kill may. Then the learner goes on.
#[test]
fn an_update_that_stopped_half_way_is_finished_by_the_same_command() {
    let newer = Lab::newer("update-half-newer");
    newer.write(".vscode/news.json", "{}\n");
    let arguments = ["update", newer.0.to_str().unwrap(), "--yes"];
    let lab = Lab::new("update-half");
    lab.work();
    let before = tree(&lab);
    // No file can be where this link leads.
    std::os::unix::fs::symlink("../README.md/x", lab.0.join(".vscode/news.json")).unwrap();
    let words =
        ["cannot write", "news.json", "The update is not finished", "run the same command again"];
    lab.run(&arguments).expect(2, &words);
    fs::remove_file(lab.0.join(".vscode/news.json")).unwrap();
    assert_eq!(
        lab.read(".pristine/02-election/src/vote.rs"),
        newer.read(".pristine/02-election/src/vote.rs")
    );
    assert_eq!(tree(&lab)[VOTE], before[VOTE], "the order has changed; nothing is half-way");
    assert_all_survive(&lab, &before);
    lab.run(&["list"]).expect(0, &["warning: an update was interrupted"]);
    lab.run(&["doctor"]).expect(1, &["An update to a newer course was interrupted"]);
    lab.run(&["update", arguments[1], "--dry-run"]).expect(2, &["without --dry-run to finish it"]);

    // It needs the newer course no longer. What the learner wrote in between is kept as well.
    let late = lab.read(VOTE) + "// Late.\n";
    lab.write(VOTE, &late);
    let gone = newer.0.with_file_name("gone");
    fs::rename(&newer.0, &gone).unwrap();
    lab.run(&arguments)
        .expect(2, &["It is finished now", ".kept/001-update", "a copy of them is in .kept/"]);
    fs::rename(&gone, &newer.0).unwrap();
    let copy = lab.tree().into_iter().find(|(path, bytes)| {
        path.starts_with(".kept/") && path.ends_with(VOTE) && *bytes == late.as_bytes()
    });
    assert!(copy.is_some(), "what was written in between is lost");
    assert_all_survive(&lab, &before);
    assert!(lab.read(VOTE).contains("In other words"));
    lab.run(&arguments).expect(0, &["already the course"]);
}

/// The system ends a program that writes more of a file than it may: here, while it prepares the update.
#[test]
fn an_update_for_which_there_is_no_room_changes_nothing() {
    let newer = Lab::newer("update-room-newer");
    newer.change_everything();
    let lab = Lab::new("update-room");
    lab.work();
    let before = tree(&lab);
    let path = newer.0.to_str().unwrap();
    // A limit that is reported as an error, as a full disk is.
    let limited = "trap '' XFSZ; ulimit -f 20 && exec \"$0\" \"$@\"";
    let mut shell = Command::new("sh");
    shell.args(["-c", limited, env!("CARGO_BIN_EXE_xtask"), "update", path, "--yes"]);
    let ended = shell.current_dir(&lab.0).env_remove("CARGO_MANIFEST_DIR").output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert_eq!(ended.status.code(), Some(2), "{said}");
    assert!(said.contains("could not be prepared, and nothing was changed"), "{said}");
    assert!(tree(&lab) == before, "a file differs from before");
    assert!(!lab.0.join(".kept/update.tmp").exists());
    lab.run(&["update", path, "--yes"]).expect(0, &["version 9.9.9"]);
}
