//! `results.json`, as Gradescope's autograder reads it.

use std::fmt::Write as _;

use anyhow::Result;
use serde_json::{Value, json};

use crate::result::{ExerciseResult, ModuleResult, ModuleState, StudentResult};

/// The results of a student, a test for each exercise.
pub(super) fn results(result: &StudentResult) -> Result<Vec<u8>> {
    let modules = result.modules.iter();
    let tests = modules.flat_map(|module| module.exercises.iter().map(move |it| test(module, it)));
    let tests: Vec<Value> = tests.collect();
    let score: f64 = result.exercises().map(|exercise| exercise.earned).sum();
    let value = json!({
        "score": score,
        "output": notes(result).join("\n\n"),
        "output_format": "text",
        "visibility": "visible",
        "tests": tests,
    });
    Ok(serde_json::to_vec_pretty(&value)?)
}

fn test(module: &ModuleResult, exercise: &ExerciseResult) -> Value {
    json!({
        "number": exercise.id.to_string(),
        "name": exercise.title,
        "score": exercise.earned,
        // A bonus adds points; Gradescope allows more than the maximum.
        "max_score": if exercise.bonus { 0 } else { exercise.points },
        "status": if exercise.is_green() { "passed" } else { "failed" },
        "output": output(&module.state, exercise),
        "output_format": "text",
    })
}

/// Why an exercise has the points that it has.
fn output(state: &ModuleState, exercise: &ExerciseResult) -> String {
    let reason = match state {
        ModuleState::Judged => return of_checks(exercise),
        ModuleState::NotBegun => "Nothing was handed in for its module.",
        ModuleState::Rejected => "The submission was rejected; the top of this page says why.",
        ModuleState::Broken(_) => {
            "Its module does not compile; the compiler's errors are at the top of this page."
        }
        ModuleState::Unjudged(_) => {
            "Its module could not be judged; the top of this page says why. Tell your instructor."
        }
    };
    reason.to_owned()
}

/// How many checks are green, and the text of each that is not.
fn of_checks(exercise: &ExerciseResult) -> String {
    let mut output = format!("{} of {} checks are green.", exercise.passed, exercise.total);
    if exercise.untried > 0 {
        let _ = write!(
            output,
            "\n\n{} of them did not run, because a check that does not end ends the run.",
            exercise.untried
        );
    }
    for check in &exercise.red {
        output += "\n\n";
        output += check.shown_text();
    }
    output
}

/// What concerns the whole submission.
fn notes(result: &StudentResult) -> Vec<String> {
    let mut notes = result.needs_a_look();
    notes.extend(result.how_to_repeat());
    for module in &result.modules {
        if let ModuleState::Broken(errors) = &module.state {
            notes.push(format!("{} does not compile:\n{}", module.module, errors.join("\n")));
        }
    }
    notes.extend(
        result
            .left_out
            .iter()
            .map(|rejected| format!("{} was not judged: {}", rejected.path, rejected.reason)),
    );
    notes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::result::tests::graded;

    #[test]
    fn the_score_is_the_sum_of_the_tests_and_hidden_checks_stay_hidden() {
        let value: Value = serde_json::from_slice(&results(&graded("ada")).unwrap()).unwrap();
        let tests = value["tests"].as_array().unwrap();
        let sum: f64 = tests.iter().map(|test| test["score"].as_f64().unwrap()).sum();
        assert!((value["score"].as_f64().unwrap() - sum).abs() < 1e-9);
        let text = value.to_string();
        assert!(text.contains("A vote is granted once"), "{text}");
        assert!(!text.contains("secret"), "{text}");
    }

    #[test]
    fn an_exercise_that_was_not_judged_says_why() {
        for (state, says) in [
            (ModuleState::NotBegun, "Nothing was handed in"),
            (ModuleState::Broken(vec!["error: no".to_owned()]), "does not compile"),
            (ModuleState::Unjudged("no cargo".to_owned()), "Tell your instructor"),
        ] {
            let mut result = graded("ada");
            result.modules[0].state = state;
            let value: Value = serde_json::from_slice(&results(&result).unwrap()).unwrap();
            let output = value["tests"][0]["output"].as_str().unwrap();
            assert!(output.contains(says) && !output.contains("checks"), "{output}");
        }
    }
}
