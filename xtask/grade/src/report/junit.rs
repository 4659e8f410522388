//! JUnit XML: a suite for each module, a case for each exercise.

use anyhow::Result;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use crate::result::{ExerciseResult, ModuleResult, ModuleState, RedCheck, StudentResult};

/// The results of a student.
pub(super) fn suites(result: &StudentResult) -> Result<String> {
    let mut report = quick_junit::Report::new(format!("Raft Learning Lab: {}", result.student));
    for module in &result.modules {
        let mut suite = TestSuite::new(&module.module);
        suite.add_test_cases(module.exercises.iter().map(|exercise| case(module, exercise)));
        report.add_test_suite(suite);
    }
    Ok(report.to_string()?)
}

fn case(module: &ModuleResult, exercise: &ExerciseResult) -> TestCase {
    let mut case =
        TestCase::new(format!("{} {}", exercise.id, exercise.title), status(module, exercise));
    case.set_classname(&module.module);
    case
}

fn status(module: &ModuleResult, exercise: &ExerciseResult) -> TestCaseStatus {
    let (mut status, message, description) = match &module.state {
        ModuleState::Judged if exercise.is_green() => return TestCaseStatus::success(),
        ModuleState::NotBegun => (TestCaseStatus::skipped(), "not begun".to_owned(), String::new()),
        ModuleState::Rejected => {
            let status = TestCaseStatus::non_success(NonSuccessKind::Error);
            (status, "the submission was rejected".to_owned(), String::new())
        }
        ModuleState::Judged => {
            let texts: Vec<&str> = exercise.red.iter().map(RedCheck::shown_text).collect();
            let message = format!("{} of {} checks are green", exercise.passed, exercise.total);
            (TestCaseStatus::non_success(NonSuccessKind::Failure), message, texts.join("\n\n"))
        }
        ModuleState::Broken(errors) => {
            let status = TestCaseStatus::non_success(NonSuccessKind::Error);
            (status, "does not compile".to_owned(), errors.join("\n"))
        }
        ModuleState::Unjudged(reason) => {
            let status = TestCaseStatus::non_success(NonSuccessKind::Error);
            (status, "could not be judged".to_owned(), reason.clone())
        }
    };
    status.set_message(message);
    status.set_description(description);
    status
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::tests::graded;

    #[test]
    fn an_exercise_is_a_case_and_hidden_checks_stay_hidden() {
        let text = suites(&graded("O'Neil <b>")).unwrap();
        let report = quick_junit::Report::deserialize_from_str(&text).unwrap();
        assert_eq!((report.tests, report.failures), (3, 2));
        assert!(text.contains("1 of 3 checks are green") && !text.contains("secret"), "{text}");
    }
}
