//! How the checks of one exercise ended.

use std::collections::BTreeSet;

use course::{ExerciseId, Report};

use crate::progress::Progress;

/// The outcomes of the checks of one exercise, added up.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub(super) passed: usize,
    pub(super) total: usize,
    /// How many are red only because of a skipped exercise.
    pub(super) waiting: usize,
    /// The skipped exercises that they need.
    pub(super) waits_for: BTreeSet<ExerciseId>,
    /// The checks that are red for a reason of their own, in the order of the suite, which is from the most
    /// basic to the least. Those that run into unwritten code come last: code that is wrong says more than
    /// code that is missing.
    pub(super) red: Vec<Report>,
    /// How many did not run, because the run ended early.
    pub(super) untried: usize,
}

impl Tally {
    pub(super) fn is_green(&self) -> bool {
        self.total > 0 && self.passed == self.total
    }

    /// The check to show: the most basic one that is red.
    pub(super) fn shown(&self) -> Option<&Report> {
        self.red.first()
    }

    pub(super) fn add(&mut self, report: &Report, progress: &Progress) {
        self.total += 1;
        if report.passed() {
            self.passed += 1;
            return;
        }
        let needed = report.unwritten().filter(|id| *id != report.exercise);
        if let Some(id) = needed.filter(|id| progress.is_skipped(*id)) {
            self.waiting += 1;
            self.waits_for.insert(id);
            return;
        }
        self.red.push(report.clone());
        self.red.sort_by_key(|report| report.unwritten().is_some());
    }

    /// Counts a check that did not run.
    pub(super) fn add_untried(&mut self) {
        self.total += 1;
        self.untried += 1;
    }

    /// `all 7 checks green`, of an exercise that is green.
    pub(super) fn all_green(&self) -> String {
        match self.total {
            1 => "its check is green".to_owned(),
            total => format!("all {total} checks green"),
        }
    }

    /// `4 of 7 checks green`, and how many wait for which exercises.
    pub(super) fn counts(&self) -> String {
        let green = format!("{} of {} checks green", self.passed, self.total);
        if self.waiting == 0 {
            return green;
        }
        let ids: Vec<String> = self.waits_for.iter().map(ToString::to_string).collect();
        let wait = if self.waiting == 1 { "waits" } else { "wait" };
        let were = if ids.len() == 1 { "was" } else { "were" };
        format!("{green}, {} {wait} for {}, which {were} skipped", self.waiting, ids.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use course::Outcome;

    use super::*;

    fn report(exercise: &str, outcome: Outcome, todo: Option<&str>) -> Report {
        let todo = todo.map_or("null".to_owned(), |todo| format!("\"{todo}\""));
        let outcome = serde_json::to_string(&outcome).unwrap();
        let text = format!(
            r#"{{"version":1,"module":"","exercise":"{exercise}","check":"a","claim":"A","points":1,
                "outcome":{outcome},"todo":{todo},"seed":1,"millis":0,"text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
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
    fn an_exercise_is_green_only_if_every_check_has_passed() {
        assert!(!Tally::default().is_green());
        let mut untried = tally(&[report("1.2", Outcome::Passed, None)], &[]);
        untried.add_untried();
        assert!(!untried.is_green());
        assert!(tally(&[report("1.2", Outcome::Passed, None)], &[]).is_green());
    }

    #[test]
    fn what_runs_into_a_skipped_exercise_waits_and_is_not_red() {
        let reports =
            [report("1.4", Outcome::Passed, None), report("1.4", Outcome::Todo, Some("1.2"))];
        let waiting = tally(&reports, &["1.2"]);
        assert_eq!((waiting.passed, waiting.waiting, waiting.total), (1, 1, 2));
        assert!(waiting.red.is_empty() && !waiting.is_green());
        assert!(tally(&reports, &[]).shown().is_some());
    }

    #[test]
    fn a_skipped_exercise_does_not_wait_for_itself() {
        let own = tally(&[report("1.2", Outcome::Todo, Some("1.2"))], &["1.2"]);
        assert!(own.shown().is_some());
    }

    #[test]
    fn what_is_wrong_is_shown_rather_than_what_is_not_written() {
        let reports = [
            report("1.2", Outcome::Todo, Some("1.2")),
            report("1.2", Outcome::Failed, None),
            report("1.2", Outcome::Stopped, None),
        ];
        let red = tally(&reports, &[]).red;
        let outcomes: Vec<Outcome> = red.iter().map(|report| report.outcome).collect();
        assert_eq!(outcomes, [Outcome::Failed, Outcome::Stopped, Outcome::Todo]);
    }
}
