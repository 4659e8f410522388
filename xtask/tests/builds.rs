//! Builds that do not end: the real runner on a copy of the tree, with a cargo that is a script.
//!
//! With `CARGO=sh`, the runner's command `cargo test --no-run …` is `sh test --no-run …`: a shell that carries out
//! the file `test` of the copy.
#![cfg(unix)]

mod support;

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use support::Lab;

/// How long the tests wait for what must happen. Only a test that fails waits this long.
const PATIENCE: Duration = Duration::from_mins(2);

/// What opens a script: from now on, the shell and all its children hold the pipe `alive`.
const ALIVE: &str = "exec 3>alive\necho started >&3\n";

const COMPILING: &str = "echo '   Compiling election v0.1.0 (/lab/modules/02-election)' >&2\n";

/// A script that ends long after every test, and so does the child that it waits for.
const FOREVER: &str = "sleep 600 &\nwait\n";

/// A copy of the lab with this script for cargo, and with pipes that have names.
fn lab(name: &str, script: &str) -> Lab {
    let origin = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let lab = Lab::copied(origin, Path::new(env!("CARGO_TARGET_TMPDIR")).join(name));
    lab.write("test", script);
    let pipes = Command::new("mkfifo").args(["alive", "wait"]).current_dir(&lab.0).status();
    assert!(pipes.unwrap().success());
    lab
}

/// The runner, with a limit for builds in seconds.
fn check(lab: &Lab, limit: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["check", "0"])
        .current_dir(&lab.0)
        .env("CARGO", "sh")
        .env("RAFT_LAB_BUILD_LIMIT", limit)
        .env_remove("RAFT_LAB_TIMEOUT_FACTOR")
        .env_remove("CARGO_MANIFEST_DIR")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Does something that may wait forever if the runner is wrong.
fn within_patience<T: Send + 'static>(what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(work()));
    receiver.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{what} does not happen"))
}

/// Everything that a runner prints until it ends, and its exit code.
fn ended(runner: Child) -> (String, Option<i32>) {
    let output = within_patience("the end of the runner", || runner.wait_with_output().unwrap());
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

/// Waits for a script to start. What is returned is at its end when nobody holds the pipe any more.
fn started(lab: &Lab) -> BufReader<File> {
    let path = lab.0.join("alive");
    within_patience("the start of the build", || {
        let mut pipe = BufReader::new(File::open(path).unwrap());
        let mut line = String::new();
        pipe.read_line(&mut line).unwrap();
        assert_eq!(line, "started\n");
        pipe
    })
}

/// Waits until no process of the script is left.
fn all_gone(mut pipe: BufReader<File>) {
    within_patience("the end of the build", move || pipe.read_to_end(&mut Vec::new()).unwrap());
}

#[test]
fn a_build_ends_when_the_runner_is_killed() {
    let lab = lab("killed", &format!("{ALIVE}{COMPILING}{FOREVER}"));
    let mut runner = check(&lab, "1000");
    let pipe = started(&lab);
    runner.kill().unwrap();
    all_gone(pipe);
    runner.wait().unwrap();
}

#[test]
fn a_build_ends_with_a_cargo_that_is_killed() {
    let lab = lab("killed-cargo", &format!("{ALIVE}sleep 600 &\nkill -KILL $$\n"));
    let runner = check(&lab, "1000");
    all_gone(started(&lab));
    let (text, code) = ended(runner);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("cargo could not build"), "{text}");
}

#[test]
fn a_module_that_is_compiled_without_an_end_is_reported() {
    let lab = lab("endless", &format!("{ALIVE}{COMPILING}{FOREVER}"));
    let runner = check(&lab, "0.5");
    all_gone(started(&lab));
    let (text, code) = ended(runner);
    assert_eq!(code, Some(1), "{text}");
    let words = "worked on modules/02-election for 500 ms without progress, and was stopped. Does a constant";
    assert!(text.contains(words), "{text}");
    assert!(!text.contains("another cargo"), "{text}");
}

#[test]
fn a_build_that_is_stuck_before_the_module_is_reported() {
    let script = "echo '   Compiling rand v0.10.4' >&2\n";
    let lab = lab("stuck", &format!("{ALIVE}{script}{FOREVER}"));
    let runner = check(&lab, "0.5");
    all_gone(started(&lab));
    let (text, code) = ended(runner);
    assert_eq!(code, Some(2), "{text}");
    let words =
        "cargo has made no progress for 5 s, and was stopped. It said last: `Compiling rand";
    assert!(text.contains(words), "{text}");
}

/// As with a compile server, which the first build starts and which then waits for the next one.
#[test]
fn a_process_that_outlives_cargo_delays_nothing() {
    // The child keeps the pipes to the runner. It ends when the test writes.
    let script = "cat wait &\necho 'error: nothing to build' >&2\nexit 101\n";
    let lab = lab("server", script);
    let (text, code) = ended(check(&lab, "1000"));
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("error: nothing to build"), "{text}");
    release(lab.0.join("wait"));
}

/// Lets a script go on that reads a pipe.
fn release(pipe: PathBuf) {
    within_patience("that the script reads", || fs::write(pipe, "").unwrap());
}

#[test]
fn another_cargo_is_blamed_only_if_cargo_waits_for_it() {
    let cases = [
        ("", "Building …"),
        ("   Compiling rand v0.10.4", "Building the lab; the first time"),
        ("    Blocking waiting for file lock on build directory", "Waiting for another cargo"),
    ];
    for (line, notice) in cases {
        let lab = lab("blocked", &format!("echo '{line}' >&2\ncat wait\n"));
        let mut runner = check(&lab, "1000");
        let mut stderr = BufReader::new(runner.stderr.take().unwrap());
        within_patience("a notice", move || {
            let mut said = String::new();
            while !said.starts_with(notice) {
                // What is announced first if the script starts slowly.
                assert!(["", "Building …\n"].contains(&said.as_str()), "{line}: {said}");
                said.clear();
                assert!(stderr.read_line(&mut said).unwrap() > 0, "{line}: no `{notice}`");
            }
            assert!(!said.trim_end().contains(char::is_control), "{said:?}");
        });
        release(lab.0.join("wait"));
        ended(runner);
    }
}
