//! How reports add up.

use std::path::Path;

use super::*;
use crate::gate::Outcome;

fn report(exercise: &str, outcome: Outcome, todo: Option<&str>) -> Report {
    Report {
        version: 1,
        exercise: exercise.parse().unwrap(),
        check: "a".to_owned(),
        claim: "A".to_owned(),
        outcome,
        todo: todo.map(str::to_owned),
        seed: 1,
        text: format!("{outcome:?}"),
        show: None,
    }
}

fn tally(reports: &[Report], skipped: &[&str]) -> Tally {
    let mut progress = Progress::none(Path::new("."));
    for id in skipped {
        progress.mark_skipped(id.parse().unwrap());
    }
    let mut tally = Tally::default();
    for report in reports {
        tally.add(report, &progress);
    }
    tally
}

#[test]
fn an_exercise_without_checks_is_not_green() {
    assert!(!Tally::default().is_green());
    assert!(tally(&[report("1.2", Outcome::Passed, None)], &[]).is_green());
}

#[test]
fn what_runs_into_a_skipped_exercise_waits_and_is_not_red() {
    let reports = [report("1.4", Outcome::Passed, None), report("1.4", Outcome::Todo, Some("1.2"))];
    let waiting = tally(&reports, &["1.2"]);
    assert_eq!((waiting.passed, waiting.waiting, waiting.total), (1, 1, 2));
    assert!(waiting.red.is_none() && !waiting.is_green());
    assert!(tally(&reports, &[]).red.is_some());
}

#[test]
fn a_skipped_exercise_does_not_wait_for_itself() {
    let own = tally(&[report("1.2", Outcome::Todo, Some("1.2"))], &["1.2"]);
    assert!(own.red.is_some());
}

#[test]
fn what_is_wrong_is_shown_rather_than_what_is_not_written() {
    let reports = [
        report("1.2", Outcome::Todo, Some("1.2")),
        report("1.2", Outcome::Failed, None),
        report("1.2", Outcome::Stopped, None),
    ];
    assert_eq!(tally(&reports, &[]).red.unwrap().outcome, Outcome::Failed);
}
