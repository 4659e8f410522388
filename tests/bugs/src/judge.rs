//! Runs a module's suite on patched servers, and says what the gate missed or was wrong to reject.

use std::collections::BTreeSet;
use std::env;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;
use std::process::ExitCode;

use gates::{Check, Outcome, Policy, Report};
use libtest_mimic::{Arguments, Failed, Trial};

use crate::in_place::{in_place, name, name_of};
use crate::kinds::{explores, is_long};
use crate::mutants;
use crate::own;
use crate::patch::{Bug, Patches, Right};
use crate::record::recorded;
use crate::share;
use crate::situations::are_covered;
use crate::subject::Subject;
use crate::switch::switch_on_everywhere;
use crate::zoo;

/// Servers are judged with this many base seeds.
const SEEDS: u64 = 10;

/// With how many base seeds servers are judged: ten, or fewer if `RAFT_LAB_SEEDS` says so.
///
/// # Panics
/// If it says something else than a number from 1 on.
pub fn seeds() -> RangeInclusive<u64> {
    let last = env::var("RAFT_LAB_SEEDS").map_or(SEEDS, |text| {
        let number = text.parse().ok().filter(|number| (1..=SEEDS).contains(number));
        number.unwrap_or_else(|| panic!("RAFT_LAB_SEEDS: `{text}` is no number from 1 to {SEEDS}"))
    });
    1..=last
}

/// The whole `main` of a test binary: one test for each patch of `module`, and one for the solution as
/// it is.
pub fn main_of(module: &str, subjects: &'static [Subject]) -> ExitCode {
    if let Some(check) = gates::check_of_this_process() {
        return one_check(check, subjects);
    }
    if cfg!(feature = "mutants") {
        return mutants::main_of(module, subjects);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("patches");
    let patches = match Patches::read(&folder.join(format!("{module}.toml"))) {
        Ok(patches) => patches,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    if let Ok(asked) = env::var(zoo::ASKED) {
        return zoo::main_of(module, &patches, subjects, &asked);
    }
    let subject = |id: &str| {
        let found = subjects.iter().find(|subject| subject.id == id);
        found.expect("the build script has made one for each patch")
    };
    let texts = patches.bug.iter().filter_map(|bug| {
        let (check, subject) = (bug.kept_text.clone()?, subject(&bug.id));
        Some(Trial::test(format!("text::{}", bug.id), move || is_told(&check, subject)))
    });
    let texts: Vec<Trial> = texts.collect();
    let (name, all) = (module.to_owned(), patches.clone());
    let recorded =
        Trial::test(format!("recorded::{module}"), move || recorded(&name, &all, subjects));
    let (name, judge) = (module.to_owned(), subject("reference"));
    let covered =
        Trial::test(format!("situations::{module}"), move || are_covered(&name, &judge.prefixed()));
    let (name, all) = (module.to_owned(), patches.clone());
    let share = Trial::test(format!("share::{module}"), move || {
        share::without_direct_checks(&name, &all, subjects)
    })
    .with_ignored_flag(true);
    let bugs = patches.bug.into_iter().map(|bug| {
        let (module, subject) = (module.to_owned(), subject(&bug.id));
        Trial::test(format!("bug::{}", bug.id), move || is_caught(&module, &bug, subject))
    });
    let right = patches.right.into_iter().map(|right| {
        let subject = subject(&right.id);
        Trial::test(format!("right::{}", right.id), move || is_accepted(&right, subject))
    });
    let reference = subject("reference");
    let own = own::trials(module, reference);
    let reference = Trial::test("right::reference", move || is_green(reference, &[]));
    let one_by_one = [reference, recorded, covered, share];
    let trials = bugs.chain(right).chain(one_by_one).chain(texts).chain(own).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// This is the process of one check, which [`gates::run`] has begun.
fn one_check(check: &str, subjects: &[Subject]) -> ExitCode {
    let id = check.split('/').next();
    let Some(subject) = subjects.iter().find(|subject| Some(subject.id) == id) else {
        eprintln!("error: there is no subject of the check {check}");
        return ExitCode::from(2);
    };
    switch_on_everywhere(subject.number);
    gates::main_of(vec![subject.prefixed()])
}

fn is_caught(module: &str, bug: &Bug, subject: &Subject) -> Result<(), Failed> {
    let reports = judge(module, bug, subject)?;
    tell(bug, &reports);
    names_it_first(bug, &reports)?;
    let first = reports.iter().find(|report| report.outcome != Outcome::Passed);
    if let Some(first) = first.filter(|_| !bug.endless) {
        zoo::is_kept(module, bug, first)?;
    }
    for expected in &bug.caught_by {
        let red = reports.iter().find(|report| named(report, expected) && is_red(report, bug));
        let Some(red) = red else { return Err(missed(bug, expected, &reports)) };
        // Long lines are folded: words may be on two of them.
        let text = red.text.split_whitespace().collect::<Vec<_>>().join(" ");
        if let Some(words) = bug.says.iter().find(|words| !text.contains(words.as_str())) {
            let text = &red.text;
            return Err(format!("{} does not say “{words}”:\n\n{text}", name(red)).into());
        }
    }
    if bug.endless { Ok(()) } else { is_caught_with_each_seed(bug, subject) }
}

/// The first red check is the one whose text a learner reads. Somebody must have found that it names the mistake.
fn names_it_first(bug: &Bug, reports: &[Report]) -> Result<(), Failed> {
    if bug.endless {
        // Of such a server, only the checks are run that must catch it.
        return Ok(());
    }
    let first = reports.iter().find(|report| report.outcome != Outcome::Passed);
    let expected = bug.first.as_ref().map_or(&bug.caught_by[..], std::slice::from_ref);
    match first {
        Some(first) if !expected.iter().any(|it| named(first, it)) => {
            let (first, text) = (name(first), &first.text);
            let ask = "If its text names the mistake well, say so by `first` or `caught_by`; otherwise order \
                       the checks of the exercise better";
            Err(format!("the first red check is {first}. {ask}.\n\n{text}").into())
        }
        _ => Ok(()),
    }
}

fn judge(module: &str, bug: &Bug, subject: &Subject) -> Result<Vec<Report>, Failed> {
    let mut suite = subject.prefixed();
    let kept = zoo::kept_check(module, &bug.id);
    let is_expected =
        |check: &Check| bug.caught_by.iter().any(|caught| name_of(check).starts_with(caught));
    if bug.endless {
        // Each check may take its whole time.
        suite.checks.retain(is_expected);
        return Ok(gates::run(&[suite], 1, Policy::KeepGoing));
    }
    // Who is caught without the checks that take long need not go through them.
    let is_kept = |check: &Check| kept.as_ref().is_some_and(|kept| *kept == name_of(check));
    let is_quick = |check: &Check| !(is_long(check) || explores(check));
    suite.checks.retain(|check| is_expected(check) || is_kept(check) || is_quick(check));
    in_place(suite, subject.number, 1)
}

/// What storms find, they must find with each base seed.
fn is_caught_with_each_seed(bug: &Bug, subject: &Subject) -> Result<(), Failed> {
    for expected in &bug.caught_by {
        for seed in seeds().skip(1) {
            let mut suite = subject.prefixed();
            let named = |check: &Check| name_of(check).starts_with(expected);
            suite.checks.retain(|check| is_long(check) && named(check));
            let storms = suite.checks.len();
            let reports = in_place(suite, subject.number, seed)?;
            if storms > 0 && !reports.iter().any(|report| is_red(report, bug)) {
                return Err(format!("with base seed {seed}, {expected} does not catch it").into());
            }
        }
    }
    Ok(())
}

/// Whether the check has found the mistake, and has not just panicked because of it.
fn is_red(report: &Report, bug: &Bug) -> bool {
    match report.outcome {
        Outcome::Failed => bug.panics || !report.text.contains("panic: "),
        Outcome::Stopped => bug.endless,
        Outcome::Passed | Outcome::Todo => false,
    }
}

/// What the learner reads is as it was when somebody last read it as a learner would.
fn is_told(check: &str, subject: &Subject) -> Result<(), Failed> {
    let mut suite = subject.prefixed();
    suite.checks.retain(|it| name_of(it).starts_with(check));
    let reports = in_place(suite, subject.number, 1)?;
    let red = reports.into_iter().find(|report| report.outcome == Outcome::Failed);
    let Some(red) = red else { return Err(format!("no check {check} is red").into()) };
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/failure_texts"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let same = panic::catch_unwind(AssertUnwindSafe(|| {
        settings.bind(|| insta::assert_snapshot!(subject.id, red.text));
    }));
    same.map_err(|_| {
        let ask = "Is it still clear? Then `cargo xtask bless` keeps it.";
        format!("the text is another than that in tests/failure_texts. {ask}\n\n{}", red.text)
            .into()
    })
}

fn missed(bug: &Bug, expected: &str, reports: &[Report]) -> Failed {
    let mut text = format!("a server with this bug: {}\n  is not caught by {expected}", bug.title);
    if !reports.iter().any(|report| named(report, expected)) {
        text += ": there is no such check";
    }
    text += "\n  red instead:";
    for report in reports.iter().filter(|report| report.outcome != Outcome::Passed) {
        let _ = write!(text, "\n    {} ({:?})", name(report), report.outcome);
    }
    text.into()
}

fn is_accepted(right: &Right, subject: &Subject) -> Result<(), Failed> {
    is_green(subject, &right.leaves_out).map_err(|failed| {
        let told = failed.message().unwrap_or_default();
        format!("{}, and may: {}\n\n{told}", right.title, right.because).into()
    })
}

/// No check is red, but for those that are left out, with any of the base seeds. Storms, and crashes at
/// each point of all scenarios, take nearly all the time: with the usual seed there are all of them, with
/// each other seed the first such check of each exercise.
fn is_green(subject: &Subject, left_out: &[String]) -> Result<(), Failed> {
    for seed in seeds() {
        let mut suite = (subject.suite)();
        let is_left_out = |check: &Check| {
            let begins = |it: &String| it.contains("::") && name_of(check).starts_with(it);
            left_out.iter().any(|it| *it == check.exercise.to_string() || begins(it))
        };
        suite.checks.retain(|check| !is_left_out(check));
        if seed > 1 {
            // Nothing in an exploration depends on the seed.
            suite.checks.retain(|check| !explores(check));
            let mut first = BTreeSet::new();
            suite.checks.retain(|check| !is_long(check) || first.insert(check.exercise));
        }
        let reports = in_place(suite, subject.number, seed)?;
        if let Some(red) = reports.iter().find(|report| report.outcome != Outcome::Passed) {
            let text = &red.text;
            return Err(format!("with base seed {seed}, {} is red:\n\n{text}", name(red)).into());
        }
    }
    Ok(())
}

fn named(report: &Report, beginning: &str) -> bool {
    name(report).starts_with(beginning)
}

/// For authors: which checks are red with a bug, and what the first of them says.
fn tell(bug: &Bug, reports: &[Report]) {
    let Ok(asked) = env::var("RAFT_LAB_TELL") else { return };
    if asked != bug.id && asked != "all" {
        return;
    }
    let red: Vec<&Report> =
        reports.iter().filter(|report| report.outcome != Outcome::Passed).collect();
    let mut text = format!("\n=== {}: {}\n", bug.id, bug.title);
    for report in &red {
        let _ = writeln!(text, "  red: {}", name(report));
    }
    if let Some(first) = red.first() {
        let _ = write!(text, "\n{}", first.text);
    }
    println!("{text}");
}
