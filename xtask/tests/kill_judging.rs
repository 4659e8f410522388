//! `check` and `watch` that are killed at any moment: the progress is as before or as after, and the next run finds
//! what it would have found.
//!
//! On Linux alone, because a test must know when the last process of a killed runner is gone, and only there can it
//! look at the folders in which processes are.

#![cfg(target_os = "linux")]

#[path = "support/judging.rs"]
mod judging;
#[path = "support/moments.rs"]
mod moments;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use judging::{SAID, command};
use moments::{Moments, kills};
use runner::ended;
use support::Lab;

/// Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_mins(2);

fn lab(name: &str) -> Lab {
    let lab = Lab::new(name);
    judging::prepare(&lab);
    lab.write(".progress", "hint 0.3 1\nbadge early\n");
    lab
}

/// The files without what is built and what `check` remembers there.
fn files(lab: &Lab) -> BTreeMap<String, Vec<u8>> {
    let mut files = lab.tree();
    files.retain(|path, _| !path.starts_with("target/") && !path.contains(".tmp"));
    files
}

/// Waits until no process is in the lab any more.
fn gone(lab: &Lab) {
    let root = fs::canonicalize(&lab.0).unwrap();
    let limit = Instant::now() + PATIENCE;
    let is_there = || {
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let mut folders =
            processes.filter_map(|entry| fs::read_link(entry.path().join("cwd")).ok());
        folders.any(|folder| folder == root)
    };
    while is_there() {
        assert!(Instant::now() < limit, "a process of the killed runner goes on");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Kills a command at many moments. `start` starts it, and `finish` waits until it has done its work.
fn killed_at_any_moment(
    lab: &Lab,
    seed: u64,
    start: &dyn Fn(&Lab) -> Child,
    finish: &dyn Fn(Child),
) {
    let before = files(lab);
    let began = Instant::now();
    finish(start(lab));
    let took = began.elapsed();
    gone(lab);
    let after = files(lab);
    assert!(after != before, "nothing was noted");
    let mut moments = Moments(seed);
    for _ in 0..kills() {
        for (path, bytes) in &before {
            if after.get(path) != Some(bytes) {
                fs::write(lab.0.join(path), bytes).unwrap();
            }
        }
        // What was judged is forgotten, so that it is judged again.
        let _ = fs::remove_dir_all(lab.0.join("target/raft-lab"));
        let moment = moments.within(took);
        let mut child = start(lab);
        thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        gone(lab);
        let left = files(lab);
        for path in before.keys().chain(after.keys()).chain(left.keys()) {
            let now = left.get(path);
            let is_whole = now == before.get(path) || now == after.get(path);
            assert!(is_whole, "killed after {moment:?}: {path} is neither as before nor as after");
        }
        let is_noted = left == after;
        let said = ended(command(&lab.0, &["check"]).spawn().unwrap());
        said.expect(1, &SAID[usize::from(is_noted)..]);
        assert!(!said.text.contains("warning"), "{}", said.text);
        assert!(files(lab) == after, "killed after {moment:?}: the next run notes something else");
    }
}

#[test]
fn a_check_may_be_killed_at_any_moment() {
    let lab = lab("kill check");
    let start = |lab: &Lab| command(&lab.0, &["check"]).spawn().unwrap();
    killed_at_any_moment(&lab, 21, &start, &|child| {
        ended(child).expect(1, &SAID);
    });
}

#[test]
fn a_watch_may_be_killed_at_any_moment() {
    let lab = lab("kill watch");
    let start =
        |lab: &Lab| command(&lab.0, &["watch", "--plain"]).stdin(Stdio::piped()).spawn().unwrap();
    killed_at_any_moment(&lab, 22, &start, &|mut child| {
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap().contains("q quit")), "it never comes to its keys");
        // The end of the input is the end of the session.
        drop(child.stdin.take());
        assert!(child.wait().unwrap().success());
    });
}
