//! How reports add up.

use std::path::{Path, PathBuf};

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

#[test]
fn an_exercise_that_nothing_judges_is_told_and_ends_the_walk() {
    let exercise = |id: &str, title: &str| {
        format!(
            "[[exercise]]\nid = \"{id}\"\ntitle = \"{title}\"\nsection = \"\"\nfile = \"\"\n\
             points = 1\nminutes = 1\nhints = []\n"
        )
    };
    let head = "module = \"01-a\"\npackage = \"a\"\ntitle = \"\"\nsection = \"\"\n";
    let text = format!("{head}{}{}", exercise("1.1", "Judged"), exercise("1.2", "Forgotten"));
    let module: Module = toml_edit::de::from_str(&text).unwrap();
    let course = Course { root: PathBuf::from("."), modules: vec![module] };
    let mut progress = Progress::none(Path::new("."));
    let mut walk = Walk::new(&course.modules[0], None);
    let checks = |select| match select {
        Select::One(id) => {
            assert_eq!(id.to_string(), "1.2", "what was judged is judged again");
            Ok(Vec::new())
        }
        _ => Ok(vec![report("1.1", Outcome::Passed, None)]),
    };
    let error = walk.go_on(&course, &mut progress, &checks).unwrap_err().to_string();
    assert!(progress.is_done("1.1".parse().unwrap()));
    for words in ["no check for exercise 1.2, Forgotten", "fault of the lab", "tests/01-a", "skip"]
    {
        assert!(error.contains(words), "no `{words}` in: {error}");
    }
}
