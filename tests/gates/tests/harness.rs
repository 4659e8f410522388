//! The harness, judged from outside: this binary runs itself as a gate of specimens, and looks at
//! what is said of them.

mod cheats;
mod ends;
#[cfg(target_os = "linux")]
mod sandbox;
mod specimens;
mod support;

use std::env;
use std::process::ExitCode;

use gates::course::GateEvent;
use gates::{Outcome, Policy, Report, Suite};
use libtest_mimic::{Arguments, Failed, Trial};

use support::{AS_GATE, events, report_of};

fn main() -> ExitCode {
    let suites = || {
        let prefixed = specimens::suite().prefixed("E1/");
        vec![
            specimens::suite(),
            prefixed,
            cheats::suite(),
            ends::suite(),
            #[cfg(target_os = "linux")]
            sandbox::recorded(),
        ]
    };
    if gates::check_of_this_process().is_some() {
        return gates::main_of(suites());
    }
    if let Ok(prefix) = env::var(AS_GATE) {
        let is_asked = |suite: &Suite| suite.prefix == prefix;
        return gates::main(suites().into_iter().find(is_asked).expect("a suite of this file"));
    }
    let tests = TESTS.iter().chain(cheats::TESTS).chain(ends::TESTS);
    #[cfg(target_os = "linux")]
    let tests = tests.chain(sandbox::TESTS);
    let trials = tests.map(|&(name, test)| {
        Trial::test(name, move || {
            test();
            Ok::<(), Failed>(())
        })
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}

type Test = (&'static str, fn());
const TESTS: &[Test] = &[
    ("every_way_to_go_wrong_is_told_apart", every_way_to_go_wrong_is_told_apart),
    ("a_failure_is_told_in_the_agreed_order", a_failure_is_told_in_the_agreed_order),
    ("what_was_stopped_is_told_with_its_last_step", what_was_stopped_is_told_with_its_last_step),
    ("a_panic_is_told_with_its_line_and_nothing_of_the_harness", a_panic_is_told_with_its_line),
    ("what_the_subject_printed_is_shown", what_the_subject_printed_is_shown),
    ("names_are_listed_as_test_runners_expect", names_are_listed_as_test_runners_expect),
    ("one_check_can_be_run_by_its_exact_name", one_check_can_be_run_by_its_exact_name),
    ("a_check_may_take_longer_where_patience_is_asked_for", patience_is_had),
    ("a_selection_decides_what_is_there", a_selection_decides_what_is_there),
    ("a_runner_is_told_each_event", a_runner_is_told_each_event),
    ("a_storm_beyond_the_gates_own_can_be_seen_again", a_storm_can_be_seen_again),
    ("what_the_environment_gets_wrong_is_refused", what_the_environment_gets_wrong_is_refused),
    ("a_check_can_be_run_in_place", a_check_can_be_run_in_place),
    ("a_gate_stays_in_one_process_for_a_debugger", a_gate_stays_in_one_process),
    ("a_file_names_the_check_that_is_run_in_place", a_file_names_the_check_that_is_run_in_place),
    ("suites_with_prefixes_share_a_binary", suites_with_prefixes_share_a_binary),
];

fn reports() -> Vec<Report> {
    gates::run(&[specimens::suite()], 1, Policy::KeepGoing)
}

fn text_of(name: &str) -> String {
    report_of(specimens::suite(), name).text
}

fn gate(arguments: &[&str], environment: &[(&str, &str)]) -> (Option<i32>, String) {
    support::gate("", arguments, environment)
}

fn every_way_to_go_wrong_is_told_apart() {
    use Outcome::{Failed, Passed, Stopped, Todo};
    let told: Vec<(String, Outcome)> =
        reports().into_iter().map(|report| (report.check, report.outcome)).collect();
    let told: Vec<(&str, Outcome)> = told.iter().map(|(name, it)| (name.as_str(), *it)).collect();
    let expected = [
        ("passes", Passed),
        ("fails", Failed),
        ("differs_in_many_lines", Failed),
        ("meets_a_stub", Todo),
        ("panics", Failed),
        ("panics_in_a_library", Failed),
        ("loops", Stopped),
        ("loops_and_prints", Stopped),
        ("overflows_its_stack", Stopped),
        ("eats_memory", Stopped),
        ("ends_its_process", Stopped),
        ("prints_and_fails", Failed),
        ("comes_after_nine_others", Passed),
    ];
    assert_eq!(told, expected);
}

fn a_failure_is_told_in_the_agreed_order() {
    let text = text_of("fails");
    let parts = [
        "Fails\n",
        "  step      truncate_from(2) on a log with the terms [1, 1, 2]\n",
        "  expected  last_index(): Some(1)\n",
        "  happened  last_index(): Some(3)\n",
        "  why       §5.1: terms act as a logical clock\n",
        "  exercise  1.4 A new server, its peers, a majority\n",
        "            tests/gates/src/node.rs (peers)\n",
        "  again     cargo xtask check 1.4\n",
    ];
    let mut rest = text.as_str();
    for part in parts {
        let (_, after) = rest.split_once(part).unwrap_or_else(|| panic!("no `{part}` in:\n{text}"));
        rest = after;
    }
    assert!(!text.contains("left") && !text.contains('\x1b'));

    let text = text_of("differs_in_many_lines");
    assert!(text.contains("  < happened   > expected\n"), "{text}");
    assert!(text.contains("    <persist\n"), "{text}");

    let mut suite = specimens::suite();
    suite.checks.retain(|check| check.name() == "fails");
    let text = gates::run(&[suite], 7, Policy::KeepGoing).remove(0).text;
    assert!(text.contains("cargo xtask check 1.4 --seed 7"), "{text}");
}

fn what_was_stopped_is_told_with_its_last_step() {
    for (name, step, happened) in [
        ("loops", "look for the end", "did not end within 300ms and was stopped"),
        ("loops_and_prints", "look for the end, aloud", "did not end within 300ms"),
        ("overflows_its_stack", "go down", "it overflowed its stack"),
        ("eats_memory", "collect", "it used more than 64 MiB of memory"),
    ] {
        let text = text_of(name);
        assert!(text.contains(&format!("  step      {step}\n")), "{text}");
        assert!(text.contains(happened), "{text}");
        assert!(!text.contains("  why "), "the check argues for something else:\n{text}");
    }
    assert!(text_of("ends_its_process").contains("ended on its own"));
    let text = text_of("loops_and_prints");
    assert!(text.lines().count() < 50, "endless output is not kept in full:\n{text}");
    // The learner reads a better explanation than Rust's own.
    assert!(!text_of("overflows_its_stack").contains("printed"));
}

fn a_panic_is_told_with_its_line() {
    let text = text_of("panics");
    assert!(text.contains("  happened  panic: a divisor\n"), "{text}");
    assert!(text.contains("  at        tests/gates/tests/specimens/mod.rs:"), "{text}");
    assert!(!text.contains("  why "), "the check argues for something else:\n{text}");
    assert!(!text.contains("stack backtrace") && !text.contains("catch_unwind"), "{text}");

    let text = text_of("meets_a_stub");
    assert!(text.contains("exercise 1.2 is not written yet"), "{text}");
    let stub = reports().into_iter().find(|report| report.outcome == Outcome::Todo);
    assert_eq!(stub.unwrap().todo.as_deref(), Some("1.2"));
}

fn what_the_subject_printed_is_shown() {
    let text = text_of("prints_and_fails");
    assert!(
        text.contains("Your code printed:\n  | to stdout, and more\n  | to stderr\n"),
        "{text}"
    );
    assert!(!text_of("fails").contains("printed"));
}

fn names_are_listed_as_test_runners_expect() {
    let (code, text) = gate(&["--list", "--format", "terse"], &[]);
    assert_eq!(code, Some(0));
    assert!(text.lines().any(|line| line == "1.4::fails: test"), "{text}");
    let (_, ignored) = gate(&["--list", "--format", "terse", "--ignored"], &[]);
    assert_eq!(ignored, "");
}

fn one_check_can_be_run_by_its_exact_name() {
    let (code, text) = gate(&["--exact", "1.2::passes", "--nocapture"], &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 passed; 0 failed"), "{text}");
    let (code, text) = gate(&["--exact", "1.4::fails"], &[]);
    assert_eq!(code, Some(1));
    // The same words as in the report.
    let told = text_of("fails");
    assert!(told.lines().all(|line| text.contains(line.trim_end())), "{text}");
}

fn patience_is_had() {
    let (_, text) = gate(&["--exact", "1.4::loops"], &[("RAFT_LAB_TIMEOUT_FACTOR", "2")]);
    assert!(text.contains("did not end within 600ms"), "{text}");
}

fn a_selection_decides_what_is_there() {
    let list = ["--list", "--format", "terse"];
    let (_, only) = gate(&list, &[("RAFT_LAB_SELECT", "1.2")]);
    assert_eq!(only, "1.2::passes: test\n");
    let (_, upto) = gate(&list, &[("RAFT_LAB_SELECT", "..=1.9")]);
    assert!(upto.contains("1.2::passes") && upto.contains("1.4::fails"), "{upto}");
    assert!(!upto.contains("1.10::"), "{upto}");
}

fn a_runner_is_told_each_event() {
    let events = events("", &[("RAFT_LAB_SELECT", "1.2"), ("RAFT_LAB_SEED", "7")]);
    let [GateEvent::Selected { version: 1, checks }, started, report, ended] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(checks.len(), 1);
    assert_eq!((checks[0].exercise.to_string(), &*checks[0].check), ("1.2".into(), "passes"));
    assert_eq!(*ended, GateEvent::Ended { endless: None });
    assert_eq!(*started, GateEvent::Started(checks[0].clone()));
    let json = serde_json::to_value(report).unwrap();
    let json = &json["report"];
    assert_eq!(json["version"], 1);
    assert_eq!(json["module"], "01-data-model");
    assert_eq!(json["outcome"], "passed");
    assert_eq!(json["points"], 3);
    assert_eq!(json["seed"], 7);
    assert_eq!(json["todo"], serde_json::Value::Null);
    assert_eq!(json["claim"], "Passes");
    assert_eq!(json["show"], "a transcript for seed 7");
    let none = support::events("", &[("RAFT_LAB_SELECT", ",")]);
    assert!(
        matches!(&none[..], [GateEvent::Selected { .. }, GateEvent::Ended { endless: None }]),
        "{none:?}"
    );
}

fn a_storm_can_be_seen_again() {
    for (seed, storms, number) in [("7", "201..=225", 225), ("1", "225..=225", 225)] {
        let variables = [("RAFT_LAB_STORMS", storms), ("RAFT_LAB_SEED", seed)];
        let (code, text) = gate(&[], &variables);
        assert_eq!(code, Some(1), "{text}");
        let again =
            format!("again     cargo xtask fuzz data-model --seed {seed} --storm {number}\n");
        assert!(text.contains(&again), "no `{again}` in:\n{text}");
    }
}

fn what_the_environment_gets_wrong_is_refused() {
    let wrong =
        [("RAFT_LAB_SELECT", "first"), ("RAFT_LAB_SEED", "-1"), ("RAFT_LAB_TIMEOUT_FACTOR", "0")];
    for (variable, value) in wrong {
        let (code, text) = gate(&[], &[(variable, value)]);
        assert_eq!(code, Some(2));
        assert!(text.contains(variable) && text.contains(value), "{text}");
    }
}

/// A check that ends its process ends the gate, so there is only one.
fn a_gate_stays_in_one_process() {
    let run =
        |environment: &[(&str, &str)]| gate(&["--exact", "1.4::ends_its_process"], environment).0;
    assert_eq!(run(&[("RAFT_LAB_IN_PLACE", "1")]), Some(7));
    assert_eq!(run(&[]), Some(1));
}

/// As an editor starts it: without arguments.
fn a_file_names_the_check_that_is_run_in_place() {
    let file = std::env::temp_dir().join(format!("gates-in-place-{}", std::process::id()));
    let path = file.to_str().unwrap();
    let run = || gate(&[], &[("RAFT_LAB_IN_PLACE", path)]);
    std::fs::write(&file, "1.4::ends_its_process\n").unwrap();
    assert_eq!(run().0, Some(7));
    std::fs::write(&file, "1.2::passes\n").unwrap();
    let (code, text) = run();
    assert!(code == Some(0) && text.contains("1 passed"), "{text}");
    std::fs::write(&file, "1.2::passed\n").unwrap();
    let (code, text) = run();
    assert!(code == Some(2) && text.contains("no check `1.2::passed`"), "{text}");
    std::fs::remove_file(&file).unwrap();
    let (code, text) = run();
    assert!(code == Some(2) && text.contains("cargo xtask debug"), "{text}");
}

fn a_check_can_be_run_in_place() {
    let suite = specimens::suite();
    let find = |name: &str| suite.checks.iter().find(|check| check.name() == name).unwrap();
    let passed = gates::run_here(&suite, find("passes"), 1);
    assert_eq!((passed.outcome, passed.text.as_str()), (Outcome::Passed, ""));
    let panicked = gates::run_here(&suite, find("panics"), 1);
    assert_eq!(panicked.outcome, Outcome::Failed);
    assert!(panicked.text.contains("panic: a divisor") && panicked.text.contains("divide"));
}

fn suites_with_prefixes_share_a_binary() {
    let mut suites = [specimens::suite(), specimens::suite().prefixed("E1/")];
    for suite in &mut suites {
        suite.checks.retain(|check| check.name() == "passes" || check.name() == "fails");
    }
    assert_eq!(suites[1].test_name(&suites[1].checks[0]), "E1/1.2::passes");
    let reports = gates::run(&suites, 1, Policy::KeepGoing);
    let told: Vec<(&str, &str, Outcome)> =
        reports.iter().map(|it| (it.prefix.as_str(), it.check.as_str(), it.outcome)).collect();
    let expected = [
        ("", "passes", Outcome::Passed),
        ("", "fails", Outcome::Failed),
        ("E1/", "passes", Outcome::Passed),
        ("E1/", "fails", Outcome::Failed),
    ];
    assert_eq!(told, expected);
}
