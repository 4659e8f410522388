//! Runners that are killed at any moment: no file is half-written, and nothing that a learner wrote is lost.
//!
//! Not on Windows, where the cargo that a killed runner has started keeps folders from being moved.

#![cfg(unix)]

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use runner::command;
use support::Lab;

/// Moments at which to kill, the same in every run of the test: a generator of Lehmer's.
struct Moments(u64);

impl Moments {
    fn next(&mut self) -> u64 {
        self.0 = self.0 * 48_271 % 0x7fff_ffff;
        self.0
    }

    /// A moment in this time, in thousandths of it.
    fn within(&mut self, time: Duration) -> Duration {
        time * u32::try_from(self.next() % 1_000).unwrap() / 1_000
    }
}

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
