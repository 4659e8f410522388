//! The result for one student, as it is stored. All reports are made from these.

use course::{Exercise, ExerciseId, Module, Outcome, Report};
use serde::{Deserialize, Serialize};
use xtask::gate::Judged;

use crate::intake::Rejected;
use crate::scan::Finding;

/// The version of the format. It rises when a reader of the previous one would be misled; fields may be added.
pub(crate) const VERSION: u32 = 1;

/// The result for one student.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct StudentResult {
    pub(crate) version: u32,
    pub(crate) student: String,
    /// Of everything that the result depends on: the submission, the judge, the seed, and how points are counted.
    pub(crate) fingerprint: String,
    /// The base seed; `None` if it is the one that students have.
    pub(crate) seed: Option<u64>,
    /// Why nothing was judged, if so.
    pub(crate) rejected: Option<String>,
    /// Files that were not judged.
    pub(crate) left_out: Vec<Rejected>,
    /// Sources that reach beyond the exercises. If there are any, nothing was judged.
    pub(crate) findings: Vec<Finding>,
    pub(crate) modules: Vec<ModuleResult>,
    /// How long the grading took, in seconds of the clock.
    pub(crate) seconds: f64,
}

/// The result for a module.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ModuleResult {
    /// The module's folder.
    pub(crate) module: String,
    pub(crate) title: String,
    pub(crate) state: ModuleState,
    pub(crate) exercises: Vec<ExerciseResult>,
}

/// How judging a module has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ModuleState {
    /// Its checks have run.
    Judged,
    /// The submission leaves it as it was handed out.
    NotBegun,
    /// The submission was rejected as a whole.
    Rejected,
    /// It does not compile; the compiler's errors.
    Broken(Vec<String>),
    /// The grader could not judge it, and says why.
    Unjudged(String),
}

/// The result for an exercise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ExerciseResult {
    pub(crate) id: ExerciseId,
    pub(crate) title: String,
    pub(crate) bonus: bool,
    /// What it is worth.
    pub(crate) points: u32,
    /// What it has earned.
    pub(crate) earned: f64,
    /// How many of its checks are green.
    pub(crate) passed: u32,
    /// How many checks it has; 0 if they could not run.
    pub(crate) total: u32,
    /// How many checks did not run, because one that does not end ends the run.
    pub(crate) untried: u32,
    /// The checks that are not green, in the order in which a learner sees them.
    pub(crate) red: Vec<RedCheck>,
}

/// A check that is not green.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RedCheck {
    pub(crate) check: String,
    pub(crate) claim: String,
    pub(crate) outcome: Outcome,
    /// Whether it is the instructor's own: students do not see its name and text.
    pub(crate) hidden: bool,
    /// What a learner would read.
    pub(crate) text: String,
}

/// How points are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scoring {
    /// An exercise has its points if all of its checks are green: what a learner calls done.
    Whole,
    /// An exercise has the same part of its points as of its checks.
    Parts,
}

impl StudentResult {
    /// The points of the core exercises: earned, and possible.
    pub(crate) fn points(&self) -> (f64, u32) {
        self.sum(false)
    }

    /// The points of the bonus exercises: earned, and possible.
    pub(crate) fn bonus(&self) -> (f64, u32) {
        self.sum(true)
    }

    fn sum(&self, bonus: bool) -> (f64, u32) {
        let exercises = self.exercises().filter(|exercise| exercise.bonus == bonus);
        exercises.fold((0.0, 0), |(earned, points), exercise| {
            (earned + exercise.earned, points + exercise.points)
        })
    }

    pub(crate) fn exercises(&self) -> impl Iterator<Item = &ExerciseResult> {
        self.modules.iter().flat_map(|module| &module.exercises)
    }

    /// How a student repeats the storms, if they are not those that students have.
    pub(crate) fn how_to_repeat(&self) -> Option<String> {
        let seed = self.seed?;
        Some(format!(
            "Judged with seed {seed}: `cargo xtask check --all --seed {seed}` draws the same storms."
        ))
    }

    /// Why someone should look at this submission, a sentence each; empty if no one needs to.
    pub(crate) fn needs_a_look(&self) -> Vec<String> {
        let mut reasons: Vec<String> = self.rejected.iter().cloned().collect();
        reasons.extend(self.findings.iter().map(|Finding { file, line, what }| {
            format!("{file}:{line} has {what}, which no exercise needs, so nothing was judged")
        }));
        for module in &self.modules {
            if let ModuleState::Unjudged(reason) = &module.state {
                reasons.push(format!("{} could not be judged: {reason}", module.module));
            }
        }
        let stopped = |exercise: &ExerciseResult| {
            exercise.red.iter().any(|check| check.outcome == Outcome::Stopped)
        };
        reasons.extend(self.exercises().filter(|exercise| stopped(exercise)).map(|exercise| {
            format!(
                "a check of {} was stopped: it took too long, used too much memory, or ended its process",
                exercise.id
            )
        }));
        reasons
    }
}

impl ModuleResult {
    /// The result of a module whose checks did not run: no exercise has earned anything.
    pub(crate) fn without_checks(module: &Module, state: ModuleState) -> Self {
        let exercise = |exercise: &Exercise| ExerciseResult {
            id: exercise.id,
            title: exercise.title.clone(),
            bonus: exercise.bonus,
            points: exercise.points,
            earned: 0.0,
            passed: 0,
            total: 0,
            untried: 0,
            red: Vec::new(),
        };
        ModuleResult {
            module: module.dir.clone(),
            title: module.title.clone(),
            state,
            exercises: module.exercises.iter().map(exercise).collect(),
        }
    }

    /// The result of a module whose checks ran. `is_hidden` knows the instructor's own checks by name.
    pub(crate) fn judged(
        module: &Module,
        judged: &Judged,
        scoring: Scoring,
        is_hidden: &dyn Fn(&str) -> bool,
    ) -> Self {
        let mut result = Self::without_checks(module, ModuleState::Judged);
        for exercise in &mut result.exercises {
            let reports = judged.reports.iter().filter(|report| report.exercise == exercise.id);
            for report in reports {
                exercise.total += 1;
                if report.passed() {
                    exercise.passed += 1;
                } else {
                    exercise.red.push(RedCheck::of(report, is_hidden(&report.check)));
                }
            }
            for _ in judged.untried.iter().filter(|(id, _)| *id == exercise.id) {
                exercise.untried += 1;
                exercise.total += 1;
            }
            exercise.earned = scoring.earned(exercise);
        }
        result
    }
}

impl ExerciseResult {
    /// Whether all checks are green.
    pub(crate) fn is_green(&self) -> bool {
        self.total > 0 && self.passed == self.total
    }
}

impl RedCheck {
    /// The text for the student.
    pub(crate) fn shown_text(&self) -> &str {
        if self.hidden { "One of the course's own checks failed." } else { self.text.trim_end() }
    }

    fn of(report: &Report, hidden: bool) -> Self {
        RedCheck {
            check: report.check.clone(),
            claim: report.claim.clone(),
            outcome: report.outcome,
            hidden,
            text: report.text.clone(),
        }
    }
}

impl Scoring {
    /// The points that an exercise has earned, to two decimal places.
    fn earned(self, exercise: &ExerciseResult) -> f64 {
        let (passed, total) = (f64::from(exercise.passed), f64::from(exercise.total));
        match self {
            _ if exercise.total == 0 => 0.0,
            Scoring::Whole if exercise.passed < exercise.total => 0.0,
            Scoring::Whole => f64::from(exercise.points),
            Scoring::Parts => (f64::from(exercise.points) * passed / total * 100.0).round() / 100.0,
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A result with a green exercise, a red one with a hidden check, and a bonus that was not begun.
    pub(crate) fn graded(student: &str) -> StudentResult {
        let red = |check: &str, claim: &str, hidden: bool| RedCheck {
            check: check.to_owned(),
            claim: claim.to_owned(),
            outcome: Outcome::Failed,
            hidden,
            text: format!("{claim}\n\nhappened  `two` votes"),
        };
        let exercise = |id: &str, points: u32, passed: u32, total: u32| ExerciseResult {
            id: id.parse().unwrap(),
            title: "Votes".to_owned(),
            bonus: id == "2.9",
            points,
            earned: if passed == total { f64::from(points) } else { 0.0 },
            passed,
            total,
            untried: 0,
            red: Vec::new(),
        };
        let mut second = exercise("2.2", 5, 1, 3);
        second.red =
            vec![red("a_vote", "A vote is granted once", false), red("own", "A secret", true)];
        StudentResult {
            version: VERSION,
            student: student.to_owned(),
            fingerprint: String::new(),
            seed: None,
            rejected: None,
            left_out: Vec::new(),
            findings: Vec::new(),
            modules: vec![ModuleResult {
                module: "02-election".to_owned(),
                title: "Leader election".to_owned(),
                state: ModuleState::Judged,
                exercises: vec![exercise("2.1", 10, 4, 4), second, exercise("2.9", 3, 0, 1)],
            }],
            seconds: 1.0,
        }
    }

    #[test]
    fn points_are_earned_as_a_whole_or_in_parts() {
        let earned = |scoring: Scoring, passed: u32, total: u32| {
            let mut exercise = graded("ada").modules[0].exercises[1].clone();
            (exercise.passed, exercise.total) = (passed, total);
            scoring.earned(&exercise).to_string()
        };
        assert_eq!(earned(Scoring::Whole, 1, 3), "0");
        assert_eq!(earned(Scoring::Parts, 1, 3), "1.67");
        assert_eq!(earned(Scoring::Whole, 3, 3), "5");
        assert_eq!(earned(Scoring::Parts, 0, 0), "0");
    }

    #[test]
    fn points_and_bonus_are_summed_apart() {
        let result = graded("ada");
        assert_eq!(format!("{:?} {:?}", result.points(), result.bonus()), "(10.0, 15) (0.0, 3)");
        assert!(result.needs_a_look().is_empty());
    }

    #[test]
    fn a_student_can_repeat_storms_of_another_seed() {
        let mut result = graded("ada");
        assert_eq!(result.how_to_repeat(), None);
        result.seed = Some(7);
        assert!(result.how_to_repeat().unwrap().contains("check --all --seed 7"));
    }
}
