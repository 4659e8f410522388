//! What the sandbox keeps the subject's code from on Linux, if the kernel knows Landlock.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::parent_id;
use std::path::{Path, PathBuf};
use std::process::Command;

use gates::{Check, Context, Outcome, Suite, Verdict};
use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, Ruleset, RulesetAttr as _,
};

use crate::cheats;
use crate::support::{gate, report_of};

pub(crate) const TESTS: &[crate::Test] = &[
    ("the_subject_reads_no_memory_and_no_solution", the_subject_reads_no_memory_and_no_solution),
    ("the_subject_changes_no_file", the_subject_changes_no_file),
    ("the_subject_starts_no_program", the_subject_starts_no_program),
    ("the_subject_opens_no_tcp_socket", the_subject_opens_no_tcp_socket),
    ("what_the_sandbox_has_denied_is_explained", what_the_sandbox_has_denied_is_explained),
    ("what_a_check_needs_stays_open", what_a_check_needs_stays_open),
    ("what_is_recorded_changes_no_other_file", what_is_recorded_changes_no_other_file),
];

pub(crate) fn checks() -> Vec<Check> {
    let check =
        |claim: &str, body: fn(&mut Context) -> Verdict| Check::new("1.4", claim, "none", body);
    vec![
        check("Reads what it must not", reads),
        check("Writes what it must not", writes),
        check("Starts a program", |check| {
            check.holds(Command::new("/bin/true").output().is_err(), "no program", "it ran")
        }),
        check("Opens a socket", opens_a_socket),
        check("Unwraps", |_| panic!("{}", fs::read_to_string("/etc/passwd").unwrap())),
        check("Reads what it may", reads_what_it_may),
    ]
}

/// The prefix of the suite whose servers are recorded.
pub(crate) const RECORDED: &str = "recorded/";

/// A suite that is recorded: its check runs in the gate's own process.
pub(crate) fn recorded() -> Suite {
    let check = Check::new("1.4", "Writes while it is recorded", "none", |_| {
        let _ = fs::write(forbidden_file(), "");
        let _ = fs::write(Path::new(RECORDS).join("allowed"), "");
        Ok(())
    });
    Suite::new("01-data-model", env!("CARGO_MANIFEST_DIR"), vec![check]).prefixed(RECORDED)
}

/// Where the recorded suite leaves its records.
const RECORDS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/recorded-by-a-test");

fn forbidden_file() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("written-by-a-recorded-subject")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Nothing that could help a cheat can be read: neither the nonce in the memory of a process, nor the environment
/// of the parent, nor a solution.
fn reads(check: &mut Context) -> Verdict {
    let parent = format!("/proc/{}", parent_id());
    let of_processes = [
        "/proc/self/mem".into(),
        "/proc/self/maps".into(),
        "/proc/self/fd/0".into(),
        "/proc/self/fd/1".into(),
    ];
    let of_parent =
        ["mem", "environ", "cmdline", "fd/0"].map(|file| format!("{parent}/{file}").into());
    let of_the_lab = ["solutions/02-election/Cargo.toml", "modules/02-election/Cargo.toml"];
    let of_the_lab = of_the_lab.map(|file| root().join(file));
    for path in of_processes.into_iter().chain(of_parent).chain(of_the_lab) {
        let opened = fs::File::open::<&PathBuf>(&path);
        check.holds(opened.is_err(), "it is closed", format!("{} is open", path.display()))?;
    }
    check.holds(
        fs::read_dir(root().join("solutions")).is_err(),
        "it is closed",
        "solutions/ is open",
    )
}

fn the_subject_reads_no_memory_and_no_solution() {
    passes_in_a_sandbox("reads_what_it_must_not", Needs::Files);
}

fn writes(check: &mut Context) -> Verdict {
    let folders = ["tests/01-data-model", "tests/gates", "modules", "target", "/tmp"];
    for folder in folders.map(|folder| root().join(folder)) {
        let file = folder.join("written-by-a-subject");
        let written = fs::write(&file, "");
        let _ = fs::remove_file(&file);
        check.holds(written.is_err(), "it is closed", format!("{} is open", folder.display()))?;
    }
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    check.holds(fs::File::options().append(true).open(&own).is_err(), "closed", "it is open")?;
    check.holds(fs::rename(&own, own.with_extension("moved")).is_err(), "no change", "it is moved")
}

fn the_subject_changes_no_file() {
    passes_in_a_sandbox("writes_what_it_must_not", Needs::Files);
}

fn the_subject_starts_no_program() {
    passes_in_a_sandbox("starts_a_program", Needs::Files);
}

fn opens_a_socket(check: &mut Context) -> Verdict {
    check.holds(TcpListener::bind("127.0.0.1:0").is_err(), "no socket", "it listens")?;
    let connected = TcpStream::connect("127.0.0.1:9").unwrap_err();
    check.equal("connecting", connected.kind(), std::io::ErrorKind::PermissionDenied)
}

fn the_subject_opens_no_tcp_socket() {
    passes_in_a_sandbox("opens_a_socket", Needs::Tcp);
}

fn what_the_sandbox_has_denied_is_explained() {
    if !Needs::Files.are_met() {
        return;
    }
    let report = report_of(cheats::suite(), "unwraps");
    assert_eq!(report.outcome, Outcome::Failed);
    let note =
        "note      Your code tried to open a file, a socket or a program; no exercise needs that.";
    assert!(report.text.contains(note), "{}", report.text);
}

fn reads_what_it_may(check: &mut Context) -> Verdict {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs");
    let suite = root().join("tests/01-data-model/exercises.toml");
    for path in [own, suite] {
        let read = fs::read(&path);
        check.holds(read.is_ok(), "it is open", format!("{}: {read:?}", path.display()))?;
    }
    Ok(())
}

fn what_a_check_needs_stays_open() {
    passes_in_a_sandbox("reads_what_it_may", Needs::Files);
}

fn what_is_recorded_changes_no_other_file() {
    let records = Path::new(RECORDS);
    let _ = fs::remove_dir_all(records);
    let _ = fs::remove_file(forbidden_file());
    let (code, text) = gate(RECORDED, &[], &[("RAFT_LAB_RECORD", RECORDS)]);
    assert_eq!(code, Some(0), "{text}");
    assert!(records.join("01-data-model.jsonl").is_file() && records.join("allowed").is_file());
    if Needs::Files.are_met() {
        assert!(!forbidden_file().exists(), "a subject has written a file while it was recorded");
    }
}

/// What a kernel must know for a test.
#[derive(Clone, Copy)]
enum Needs {
    Files,
    Tcp,
}

impl Needs {
    fn are_met(self) -> bool {
        let strict = Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
        let handled = match self {
            Needs::Files => strict.handle_access(AccessFs::from_all(ABI::V1)),
            Needs::Tcp => strict.handle_access(AccessNet::from_all(ABI::V4)),
        };
        handled.and_then(Ruleset::create).is_ok()
    }
}

fn passes_in_a_sandbox(name: &str, needs: Needs) {
    if !needs.are_met() {
        println!("not tested: this kernel cannot do it");
        return;
    }
    let report = report_of(cheats::suite(), name);
    assert_eq!(report.outcome, Outcome::Passed, "{}", report.text);
}
