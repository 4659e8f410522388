//! A page for a student: the points of each exercise, and the reason for each lost one.

use std::fmt::Write as _;

use xtask::tree::Course;

use crate::result::{ExerciseResult, ModuleResult, ModuleState, StudentResult};

/// The page.
pub(super) fn student(result: &StudentResult, course: &Course) -> String {
    let mut page = format!("# {}\n\n", result.student);
    let (earned, points) = result.points();
    let _ = writeln!(page, "**{earned} of {points} points**{}\n", bonus(result));
    if let Some(how) = result.how_to_repeat() {
        let _ = writeln!(page, "{how}\n");
    }
    for reason in result.needs_a_look() {
        let _ = writeln!(page, "- {reason}");
    }
    for rejected in &result.left_out {
        let _ = writeln!(page, "- `{}` was not judged: {}", rejected.path, rejected.reason);
    }
    for module in &result.modules {
        add_module(&mut page, module, course);
    }
    page
}

fn bonus(result: &StudentResult) -> String {
    match result.bonus() {
        (earned, _) if earned > 0.0 => format!(", and {earned} bonus points"),
        _ => String::new(),
    }
}

fn add_module(page: &mut String, module: &ModuleResult, course: &Course) {
    if module.state == ModuleState::Rejected {
        return;
    }
    let _ = writeln!(page, "\n## {}: {}\n", module.module, module.title);
    match &module.state {
        ModuleState::NotBegun => {
            let _ = writeln!(page, "Nothing was handed in for this module.");
            return;
        }
        ModuleState::Broken(errors) => {
            let _ = writeln!(page, "It does not compile, so no check could run.\n");
            for error in errors {
                fence(page, error);
            }
            return;
        }
        ModuleState::Unjudged(reason) => {
            let _ = writeln!(page, "It could not be judged. Tell your instructor:\n");
            fence(page, reason);
            return;
        }
        ModuleState::Judged | ModuleState::Rejected => {}
    }
    let _ = writeln!(page, "| exercise | points | checks |\n|---|---|---|");
    for exercise in &module.exercises {
        let ExerciseResult { id, title, earned, points, passed, total, .. } = exercise;
        let kind = if exercise.bonus { " (bonus)" } else { "" };
        let _ = writeln!(
            page,
            "| {id} {title}{kind} | {earned} of {points} | {passed} of {total} green |"
        );
    }
    for exercise in module.exercises.iter().filter(|exercise| !exercise.is_green()) {
        add_reasons(page, exercise, course);
    }
}

/// Why an exercise has lost points, and what others get wrong in it.
fn add_reasons(page: &mut String, exercise: &ExerciseResult, course: &Course) {
    if exercise.bonus && exercise.passed == 0 {
        return;
    }
    let _ = writeln!(page, "\n### {} {}\n", exercise.id, exercise.title);
    if exercise.untried > 0 {
        let _ = writeln!(
            page,
            "{} of its checks did not run, because one that does not end ends the run.\n",
            exercise.untried
        );
    }
    let (hidden, shown): (Vec<_>, Vec<_>) = exercise.red.iter().partition(|check| check.hidden);
    for check in shown {
        fence(page, &check.text);
    }
    if !hidden.is_empty() {
        let _ = writeln!(page, "{} of the course's own checks failed.\n", hidden.len());
    }
    let after = course.exercise(exercise.id).map(|(_, exercise)| &exercise.after);
    if let Some(after) = after.filter(|after| !after.is_empty()) {
        let _ = writeln!(page, "What others get wrong here:\n");
        for trap in after {
            let _ = writeln!(page, "- {trap}");
        }
    }
}

/// Text as it is. The fence is longer than any in the text.
fn fence(page: &mut String, text: &str) {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let _ = writeln!(page, "{fence}text\n{}\n{fence}\n", text.trim_end());
}
