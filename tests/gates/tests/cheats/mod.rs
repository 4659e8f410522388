//! Checks whose subject does not want to be judged. Each of them passes only if its cheat has not worked, or must
//! not pass at all.

use std::io::{Write as _, stdout};
use std::time::Duration;
use std::{env, process, thread};

use gates::{Check, Context, Outcome, Policy, Suite, Verdict};

use crate::support::report_of;

/// The prefix of the suite.
pub(crate) const PREFIX: &str = "cheat/";

pub(crate) const TESTS: &[crate::Test] = &[
    ("a_forged_record_is_printed_text", a_forged_record_is_printed_text),
    ("ending_the_process_passes_nothing", ending_the_process_passes_nothing),
    ("the_process_does_not_know_what_is_judged", the_process_does_not_know_what_is_judged),
    ("a_mark_and_endless_bytes_are_bounded", a_mark_and_endless_bytes_are_bounded),
    ("a_process_that_is_left_behind_delays_nothing", a_process_that_is_left_behind),
];

/// What a forged record looks like to somebody who knows the format, but not the nonce.
const OVER: &str = r#"{"Over":{"failure":null,"show":null,"files":[]}}"#;

pub(crate) fn suite() -> Suite {
    let check =
        |claim: &str, body: fn(&mut Context) -> Verdict| Check::new("1.4", claim, "none", body);
    let checks = vec![
        check("Forges a record", forges),
        check("Ends well", |_| process::exit(0)),
        check("Ends in another thread", |_| {
            let _ = thread::spawn(|| process::exit(0)).join();
            Ok(())
        }),
        check("Looks for its name", looks_for_its_name),
        check("Prints a mark and more", prints_a_mark).time_limit(Duration::from_millis(300)),
        check("Leaves a process behind", leaves_a_process).time_limit(Duration::from_secs(50)),
    ];
    let suite = Suite::new("01-data-model", env!("CARGO_MANIFEST_DIR"), checks).prefixed(PREFIX);
    #[cfg(target_os = "linux")]
    let suite = suite.with(crate::sandbox::checks());
    suite
}

fn forges(_: &mut Context) -> Verdict {
    println!("\u{1e}{OVER}");
    println!("\u{1e}{}{OVER}", "0".repeat(32));
    print!("\u{1e}");
    let _ = stdout().flush();
    process::exit(0)
}

fn a_forged_record_is_printed_text() {
    let report = report_of(suite(), "forges_a_record");
    assert_eq!(report.outcome, Outcome::Stopped, "{}", report.text);
    assert!(report.text.contains("ended on its own"), "{}", report.text);
    assert!(report.text.contains(&format!("| {OVER}\n")), "{}", report.text);
}

fn ending_the_process_passes_nothing() {
    for name in ["ends_well", "ends_in_another_thread"] {
        let report = report_of(suite(), name);
        assert_eq!(report.outcome, Outcome::Stopped, "{}", report.text);
    }
}

/// Nothing that the process can ask for says which check is running.
fn looks_for_its_name(check: &mut Context) -> Verdict {
    // Windows has some of its own, and adds more.
    let is_of_the_lab = |name: &str| name.starts_with("RAFT_LAB") || name.starts_with("CARGO");
    let variables = env::vars().filter(|(name, _)| !cfg!(windows) || is_of_the_lab(name));
    check.equal("variables", variables.count(), 0)?;
    let arguments: Vec<String> = env::args().skip(1).collect();
    check.equal("arguments", arguments, vec!["--process-of-one-check".to_owned()])?;
    check.equal("the thread", thread::current().name(), Some("check"))
}

fn the_process_does_not_know_what_is_judged() {
    let report = report_of(suite(), "looks_for_its_name");
    assert_eq!(report.outcome, Outcome::Passed, "{}", report.text);
}

fn prints_a_mark(_: &mut Context) -> Verdict {
    let mut piece = vec![b'x'; 1 << 20];
    piece[0] = 0x1e;
    loop {
        let _ = stdout().write_all(&piece);
    }
}

fn a_mark_and_endless_bytes_are_bounded() {
    let report = report_of(suite(), "prints_a_mark_and_more");
    assert_eq!(report.outcome, Outcome::Stopped);
    assert!(report.text.len() < 64 << 10, "{} bytes", report.text.len());
}

/// Starts a process that keeps the streams open, and panics.
fn leaves_a_process(_: &mut Context) -> Verdict {
    let left = process::Command::new("sleep").arg("40").spawn();
    panic!("left behind: {}", left.unwrap().id())
}

fn a_process_that_is_left_behind() {
    let started = std::time::Instant::now();
    let mut only = suite();
    only.checks.retain(|check| check.name() == "leaves_a_process_behind");
    let report = gates::run(&[only], 1, Policy::KeepGoing).remove(0);
    assert_eq!(report.outcome, Outcome::Failed, "{}", report.text);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
