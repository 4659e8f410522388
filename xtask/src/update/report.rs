//! What an update says.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::merge::Misfit;
use super::plan::Plan;
use crate::{files, term};

/// How many lines of one kind are shown.
const SHOWN: usize = 12;

/// Shows what an update will do. If it will not be written to a list, what has no place is shown to the end.
pub(super) fn show(plan: &Plan, is_listed: bool) {
    let functions: usize = plan.moved.values().map(Vec::len).sum();
    match functions {
        0 => tell!("Nothing that you wrote has to move."),
        1 => tell!("One function or scenario of yours moves to the new course:"),
        count => tell!("{count} functions and scenarios of yours move to the new course:"),
    }
    let moved = plan.moved.iter();
    shown(
        moved.map(|(path, names)| format!("{}: {}", files::shown(path), names.join(", "))),
        SHOWN,
    );
    let misfits =
        plan.misfits.iter().flat_map(|(path, all)| all.iter().map(move |one| (path, one)));
    let misfits: Vec<_> = misfits.collect();
    if !misfits.is_empty() {
        tell!("{}", term::bold("Kept beside it, because it has no place in the new course:"));
        let limit = if is_listed { SHOWN } else { usize::MAX };
        let line = |(path, misfit): &(&PathBuf, &Misfit)| {
            format!("{}: {}: {}", files::shown(path), misfit.what, misfit.why)
        };
        shown(misfits.iter().map(line), limit);
    }
    if !plan.own.is_empty() {
        tell!("Files of yours that stay where they are:");
        shown(plan.own.iter().map(|path| files::shown(path)), SHOWN);
    }
    let ids = |ids: &[course::ExerciseId]| {
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    if !plan.gone.is_empty() {
        tell!(
            "The new course does not have these exercises: {}. What you have done of them no longer counts.",
            ids(&plan.gone)
        );
    }
    if !plan.reopened.is_empty() {
        tell!(
            "In the new course, these ids belong to other exercises: {}. They count as open, and `cargo xtask check --all` \
             finds out again what is done.",
            ids(&plan.reopened)
        );
    }
    given(plan);
}

/// Says how many files of the course are replaced.
fn given(plan: &Plan) {
    let is_stub = |path: &Path| plan.moved.contains_key(path) || plan.misfits.contains_key(path);
    let given = || plan.changes.iter().filter(|(path, _)| !is_stub(path));
    let removed = given().filter(|(_, new)| new.is_none()).count();
    let written = given().count() - removed;
    tell!(
        "Given files: {written} are replaced or added, {removed} are removed. Your notes in docs/resources/notes stay as \
         they are."
    );
    if !plan.has_judge_list {
        tell!(
            "This tree has no list of the files that it was handed out with, so changes of yours in them cannot be told."
        );
    }
}

fn shown(lines: impl Iterator<Item = String>, limit: usize) {
    let lines: Vec<String> = lines.collect();
    for line in lines.iter().take(limit) {
        say!("  {line}");
    }
    if lines.len() > limit {
        say!("  … and {} more", lines.len() - limit);
    }
}

/// The list that is kept beside the copies: everything that has no place in the new course, with its text.
pub(super) fn list(plan: &Plan) -> String {
    let mut text = String::from(
        "# What was not moved to the new course\n\nBeside this list is a copy of every file that the update has replaced or \
         removed, as it was.\n",
    );
    if plan.misfits.is_empty() {
        text += "\nEverything that you wrote in the exercises has its place in the new course.\n";
    }
    for (path, misfits) in &plan.misfits {
        let _ = write!(text, "\n## {}\n", files::shown(path));
        for misfit in misfits {
            let _ = write!(text, "\n{}: {}.\n", misfit.what, misfit.why);
            if !misfit.text.is_empty() {
                let fence = fence(&misfit.text);
                let _ = write!(
                    text,
                    "\n{fence}rust\n{}\n{fence}\n",
                    misfit.text.trim_end_matches('\n')
                );
            }
        }
    }
    text
}

/// A line of backticks that a text does not have.
fn fence(text: &str) -> String {
    let mut fence = String::from("```");
    while text.contains(&fence) {
        fence.push('`');
    }
    fence
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_list_has_the_text_of_all_that_has_no_place() {
        let misfits = vec![
            Misfit::new("`a`", "it is gone", "fn a() {\n    // ```\n}\n"),
            Misfit::file("it is yours"),
        ];
        let plan =
            Plan { misfits: BTreeMap::from([("m/a.rs".into(), misfits)]), ..Plan::default() };
        let text = list(&plan);
        let expected = "\n## m/a.rs\n\n`a`: it is gone.\n\n````rust\nfn a() {\n    // ```\n}\n````\n\nthe file: it is yours.\n";
        assert!(text.ends_with(expected), "{text}");
    }
}
