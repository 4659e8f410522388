//! What a gate has led to, from the events that it prints.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use anyhow::{Result, ensure};
use course::{ExerciseId, GateEvent, Outcome, Report, SelectedCheck, VERSION};

/// What a run of a gate has led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    /// The reports, in the suite's order. A check without a report of its own, because its whole gate has died,
    /// has failed.
    pub reports: Vec<Report>,
    /// The checks that were selected and not judged, because the run has ended early: exercise and name, in the
    /// suite's order.
    pub untried: Vec<(ExerciseId, String)>,
    /// The check that has ended the run early, because it did not end within its time limit. It has a report.
    pub endless: Option<(ExerciseId, String)>,
}

/// How far a gate has come.
pub(super) struct Judging {
    /// How many checks are over.
    reported: usize,
    /// How many were selected.
    selected: usize,
    /// The exercises whose checks are running.
    exercises: BTreeSet<ExerciseId>,
}

/// `2.3, 2.4: 12 of 34 checks`
impl fmt::Display for Judging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<String> = self.exercises.iter().map(ToString::to_string).collect();
        let colon = if ids.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{} of {} checks", ids.join(", "), self.reported, self.selected)
    }
}

/// What a gate has told so far.
#[derive(Debug, Default)]
pub(super) struct Run {
    /// The checks, once the gate has named them.
    pub(super) selected: Option<Vec<SelectedCheck>>,
    running: BTreeSet<SelectedCheck>,
    reports: BTreeMap<SelectedCheck, Report>,
    /// Whether the gate has said that it judges no more.
    has_ended: bool,
    /// The check that has ended the run early.
    endless: Option<SelectedCheck>,
    /// How far an exploration is.
    pub(super) progress: String,
    /// What is no event.
    pub(super) printed: String,
}

impl Run {
    /// Takes a line that the gate has printed. Returns whether it has come further.
    pub(super) fn take(&mut self, line: &str) -> Result<bool> {
        let Ok(event) = serde_json::from_str(line) else {
            self.printed.push_str(line);
            self.printed.push('\n');
            return Ok(false);
        };
        match event {
            GateEvent::Selected { version, checks } => {
                ensure!(
                    version == VERSION,
                    "a gate's events have a version that this runner does not know"
                );
                self.selected = Some(checks);
            }
            GateEvent::Started(check) => {
                self.running.insert(check);
            }
            GateEvent::Progress(progress) => self.progress = progress,
            GateEvent::Report(report) => {
                let check = SelectedCheck::of(&report);
                self.running.remove(&check);
                self.reports.insert(check, *report);
            }
            GateEvent::Ended { endless } => (self.has_ended, self.endless) = (true, endless),
        }
        Ok(true)
    }

    pub(super) fn judging(&self) -> Judging {
        Judging {
            reported: self.reports.len(),
            selected: self.selected.as_ref().map_or(0, Vec::len),
            exercises: self.running.iter().map(|check| check.exercise).collect(),
        }
    }

    /// What the run has led to, once the gate's process has ended.
    pub(super) fn judged(&self, checks: &[SelectedCheck]) -> Judged {
        let named = |check: &SelectedCheck| (check.exercise, check.check.clone());
        let mut judged = Judged { endless: self.endless.as_ref().map(named), ..Judged::default() };
        for check in checks {
            match self.reports.get(check) {
                Some(report) => judged.reports.push(report.clone()),
                None if self.has_ended => judged.untried.push(named(check)),
                None => judged.reports.push(no_report(check, &self.printed)),
            }
        }
        judged
    }
}

/// The report of a check that left none, because its whole gate has died.
fn no_report(check: &SelectedCheck, printed: &str) -> Report {
    let claim = check.check.replace('_', " ");
    let text = format!(
        "{claim}\n\nThe checks ended before this one could report. They printed:\n{printed}"
    );
    Report {
        version: VERSION,
        prefix: check.prefix.clone(),
        module: String::new(),
        exercise: check.exercise,
        blames: None,
        function: None,
        check: check.check.clone(),
        claim,
        points: 0,
        outcome: Outcome::Stopped,
        todo: None,
        seed: 0,
        millis: 0,
        text,
        place: None,
        has_run: false,
        evidence: None,
        show: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_as_the_gates_write_it() {
        let text = r#"{"version":1,"module":"01-data-model","exercise":"1.3","check":"a","claim":"A","points":1,"outcome":"todo","todo":"1.2","seed":1,"millis":3,"text":"","show":null}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert_eq!(report.outcome, Outcome::Todo);
        assert_eq!(report.unwritten(), Some("1.2".parse().unwrap()));
        assert!(!report.passed());
    }

    const SELECTED: &str = r#"{"selected":{"version":1,"checks":[{"exercise":"1.2","check":"a_b"},
        {"exercise":"1.3","check":"a"},{"exercise":"1.4","check":"c"}]}}"#;
    const STARTED: &str = r#"{"started":{"exercise":"1.3","check":"a"}}"#;
    const REPORT: &str = r#"{"report":{"version":1,"module":"","exercise":"1.3","check":"a","claim":"A",
        "points":1,"outcome":"stopped","todo":null,"seed":1,"millis":3,"text":"","show":null}}"#;

    const ENDED: &str = r#"{"ended":{"endless":{"exercise":"1.3","check":"a"}}}"#;

    fn run(lines: &[&str]) -> Run {
        let mut run = Run::default();
        for line in lines {
            run.take(line).unwrap();
        }
        run
    }

    fn judged(lines: &[&str]) -> Judged {
        let run = run(lines);
        run.judged(run.selected.as_ref().unwrap())
    }

    #[test]
    fn checks_without_a_report_are_untried_if_the_run_has_ended() {
        let judged = judged(&[SELECTED, STARTED, REPORT, ENDED]);
        assert_eq!(judged.endless, Some(("1.3".parse().unwrap(), "a".to_owned())));
        assert_eq!(judged.reports.len(), 1);
        let untried: Vec<String> =
            judged.untried.iter().map(|(id, name)| format!("{id} {name}")).collect();
        assert_eq!(untried, ["1.2 a_b", "1.4 c"]);
    }

    #[test]
    fn checks_without_a_report_have_failed_if_the_gate_has_died() {
        let judged = judged(&[SELECTED, "thread main panicked", STARTED, REPORT]);
        assert!(judged.untried.is_empty());
        let names: Vec<&str> = judged.reports.iter().map(|report| &*report.check).collect();
        assert_eq!(names, ["a_b", "a", "c"], "the suite's order");
        let lost = &judged.reports[0];
        assert_eq!(lost.outcome, Outcome::Stopped);
        assert!(lost.text.starts_with("a b\n\nThe checks ended before"), "{}", lost.text);
        assert!(lost.text.contains("thread main panicked"), "{}", lost.text);
    }

    #[test]
    fn progress_says_what_is_running_and_what_is_over() {
        let started = run(&[SELECTED, STARTED]).judging();
        assert_eq!((started.reported, started.selected), (0, 3));
        assert_eq!(started.exercises, BTreeSet::from(["1.3".parse().unwrap()]));
        let reported = run(&[SELECTED, STARTED, REPORT]).judging();
        assert_eq!((reported.reported, reported.exercises.len()), (1, 0));
    }

    #[test]
    fn another_version_is_refused() {
        let error = Run::default().take(r#"{"selected":{"version":7,"checks":[]}}"#).unwrap_err();
        assert!(error.to_string().contains("version"), "{error}");
    }
}
