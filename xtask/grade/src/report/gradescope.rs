//! `results.json`, as Gradescope's autograder reads it.

use anyhow::Result;
use serde_json::{Value, json};

use crate::result::{ExerciseResult, ModuleState, StudentResult};

/// The results of a student, a test for each exercise.
pub(super) fn results(result: &StudentResult) -> Result<Vec<u8>> {
    let tests: Vec<Value> = result.exercises().map(test).collect();
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

fn test(exercise: &ExerciseResult) -> Value {
    let mut output = format!("{} of {} checks are green.", exercise.passed, exercise.total);
    for check in &exercise.red {
        output += "\n\n";
        output += check.shown_text();
    }
    json!({
        "number": exercise.id.to_string(),
        "name": exercise.title,
        "score": exercise.earned,
        // A bonus adds points; Gradescope allows more than the maximum.
        "max_score": if exercise.bonus { 0 } else { exercise.points },
        "status": if exercise.is_green() { "passed" } else { "failed" },
        "output": output,
        "output_format": "text",
    })
}

/// What concerns the whole submission.
fn notes(result: &StudentResult) -> Vec<String> {
    let mut notes = result.needs_a_look();
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
}
