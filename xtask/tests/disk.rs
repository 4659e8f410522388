//! Disks that are full or cannot be written: a command says what it could not write, and every file stays as it was.

#![cfg(unix)]

#[path = "support/judging.rs"]
mod judging;
#[path = "support/runner.rs"]
mod runner;
mod support;

use std::io::Write as _;
use std::process::Command;

use judging::SAID;
use runner::Said;
use support::Lab;

const NODE: &str = "modules/01-data-model/src/node.rs";

/// Commands that write, each with the file that it cannot write.
const WRITING: [(&[&str], &str); 4] = [
    (&["hint", "2.1"], ".progress"),
    (&["skip", "1.1"], ".progress"),
    (&["use", "2", "solution"], "Cargo.toml"),
    (&["reset", "1", "--yes"], ".kept"),
];

fn lab(name: &str) -> Lab {
    let lab = Lab::new(name);
    judging::prepare(&lab);
    // Too large for the limits below.
    lab.write(NODE, &"// mine\n".repeat(2_000));
    lab.write(".progress", &("hint 1.1 1\n".to_owned() + &"badge of honour\n".repeat(400)));
    lab
}

/// Runs the runner in a lab, from a shell that has prepared something.
fn run_after(lab: &Lab, program: &mut Command, shell: &str, arguments: &[&str]) -> Said {
    program.args(["-c", shell, env!("CARGO_BIN_EXE_xtask")]).args(arguments);
    program.current_dir(&lab.0).env("NO_COLOR", "1").env("CARGO", "sh").env("LAB", &lab.0);
    program.env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_TARGET_DIR");
    let output = program.output().unwrap();
    let text = [output.stdout.as_slice(), &output.stderr].concat();
    Said { text: String::from_utf8_lossy(&text).into_owned(), code: output.status.code() }
}

/// With a limit on the size of files, and without the signal that usually comes with it, a write fails half-way: as on
/// a disk that becomes full. This needs no rights.
#[test]
fn a_write_that_fails_half_way_is_reported_and_leaves_the_file_as_it_was() {
    let lab = lab("disk-half-way");
    let before = lab.tree();
    let limited = "trap '' XFSZ && ulimit -c 0 && ulimit -f 4 && exec \"$0\" \"$@\"";
    for (arguments, file) in WRITING {
        let said = run_after(&lab, &mut Command::new("sh"), limited, arguments);
        said.expect(2, &[file, "large"]);
        let mut now = lab.tree();
        now.retain(|path, _| !path.starts_with(".kept/"));
        assert!(now == before, "{arguments:?} has changed a file:\n{}", said.text);
    }
}

/// A shell with file systems of its own, if this system lets a program have them.
fn shell_with_mounts() -> Option<Command> {
    let shell = || {
        let mut unshare = Command::new("unshare");
        unshare.args(["--user", "--map-root-user", "--mount", "sh"]);
        unshare
    };
    let try_it = "mount -t tmpfs -o size=64k none /mnt";
    let works = shell().args(["-c", try_it]).output().is_ok_and(|output| output.status.success());
    if !works {
        // Past the harness, which shows what a test prints only if it fails.
        let text = "\nSKIPPED in xtask/tests/disk.rs: this system mounts nothing for a test\n";
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
    works.then(shell)
}

#[test]
fn on_a_full_disk_commands_say_so_and_change_nothing() {
    let lab = lab("disk-full");
    let full = "set -e
        mount -t tmpfs -o size=96m none /mnt
        cp -R \"$LAB\"/. /mnt
        cd /mnt
        dd if=/dev/zero of=filler bs=4096 2>/dev/null || true
        set +e
        \"$0\" \"$@\"
        code=$?
        diff -r --exclude=filler --exclude=target --exclude=.kept --exclude=.progress.lock \"$LAB\" /mnt || exit 99
        exit $code";
    let cases = WRITING.into_iter().chain([(&["check"][..], ".progress")]);
    for (arguments, file) in cases {
        let Some(mut shell) = shell_with_mounts() else { return };
        let said = run_after(&lab, &mut shell, full, arguments);
        said.expect(2, &[file, "No space left on device"]);
    }
    let Some(mut shell) = shell_with_mounts() else { return };
    run_after(&lab, &mut shell, full, &["status"]).expect(0, &["Next: 0.1"]);
}

#[test]
fn on_a_disk_that_cannot_be_written_commands_say_so() {
    let lab = lab("disk-read-only");
    let before = lab.tree();
    let read_only = "set -e
        mount --bind \"$LAB\" /mnt
        mount -o remount,ro,bind /mnt
        cd /mnt
        exec \"$0\" \"$@\"";
    let run = |arguments: &[&str]| {
        shell_with_mounts().map(|mut shell| run_after(&lab, &mut shell, read_only, arguments))
    };
    for (arguments, file) in WRITING {
        let Some(said) = run(arguments) else { return };
        said.expect(2, &[file, "Read-only file system"]);
    }
    if let Some(said) = run(&["check"]) {
        said.expect(2, &SAID).expect(2, &[".progress", "Read-only file system"]);
    }
    if let Some(said) = run(&["status"]) {
        said.expect(0, &["Next: 0.1"]);
    }
    lab.assert_unchanged(&before);
}
