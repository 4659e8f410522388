//! Rubrics and outcomes: whatever they say of exercises is true.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context as _, Result};
use course::ExerciseId;
use xtask::tree::{Course, Way};

use super::Part;
use super::hours::cells;

/// The folder of the pages for instructors.
pub(super) const FOLDER: &str = "docs/instructors";

const RUBRICS: &str = "docs/instructors/rubrics.md";
const SYLLABUS: &str = "docs/instructors/syllabus.md";

/// How many graded examples a rubric has.
const EXAMPLES: usize = 3;

fn page(course: &Course, path: &str) -> Result<String> {
    fs::read_to_string(course.root.join(path)).with_context(|| format!("cannot read {path}"))
}

/// The points of each rubric add up, and so do those of its examples.
pub(super) fn rubrics(course: &Course) -> Result<Part> {
    Ok(Part {
        name: "rubrics have examples whose points add up",
        faults: faults_of_rubrics(&page(course, RUBRICS)?),
    })
}

fn faults_of_rubrics(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let rubrics: Vec<&str> = text.split("\n## Rubric: ").skip(1).collect();
    if rubrics.len() < 3 {
        faults.push(format!("{RUBRICS} has {} rubrics, not 3", rubrics.len()));
    }
    for rubric in rubrics {
        let (title, rest) = rubric.split_once('\n').unwrap_or((rubric, ""));
        let rest = rest.split("\n## ").next().unwrap_or_default();
        let mut tables = rest.split("\n### ");
        let most = points_in(tables.next().unwrap_or_default());
        let total: u32 = most.iter().map(|(_, points)| points).sum();
        if !title.ends_with(&format!("({total} points)")) {
            faults.push(format!("{RUBRICS}: the criteria of `{title}` have {total} points"));
        }
        let mut examples = 0;
        for example in tables {
            let (head, body) = example.split_once('\n').unwrap_or((example, ""));
            let given = points_in(body);
            let sum: u32 = given.iter().map(|(_, points)| points).sum();
            examples += 1;
            if !head.ends_with(&format!("({sum} of {total})")) {
                faults
                    .push(format!("{RUBRICS}: the points of `{head}` add up to {sum} of {total}"));
            }
            let is_within = given.len() == most.len()
                && given.iter().zip(&most).all(|(one, of)| one.0 == of.0 && one.1 <= of.1);
            if !is_within {
                faults.push(format!(
                    "{RUBRICS}: `{head}` is not graded by the criteria of its rubric"
                ));
            }
        }
        if examples != EXAMPLES {
            faults.push(format!("{RUBRICS}: `{title}` has {examples} examples, not {EXAMPLES}"));
        }
    }
    faults
}

/// The criteria of a table and their points: its first two cells.
fn points_in(text: &str) -> Vec<(String, u32)> {
    let rows = text.lines().filter(|line| line.starts_with('|')).map(cells);
    rows.filter_map(|row| Some((row.first()?.to_string(), row.get(1)?.parse().ok()?))).collect()
}

/// Each outcome names exercises that exist, and each module has an outcome.
pub(super) fn outcomes(course: &Course) -> Result<Part> {
    let course = course.on(Way::Modules)?;
    let text = page(&course, SYLLABUS)?;
    let all: BTreeSet<ExerciseId> =
        course.modules.iter().flat_map(|module| &module.exercises).map(|it| it.id).collect();
    let mut faults = Vec::new();
    let mut named = BTreeSet::new();
    let table = text.split_once("## Outcomes").map_or("", |(_, rest)| rest);
    let table = table.split("\n## ").next().unwrap_or_default();
    for row in table.lines().filter(|line| line.starts_with("| ")).map(cells).skip(1) {
        let Some(exercises) = row.get(1) else { continue };
        let ids: Vec<Result<ExerciseId, _>> =
            exercises.split(", ").map(|id| id.trim().parse::<ExerciseId>()).collect();
        for (id, text) in ids.iter().zip(exercises.split(", ")) {
            match id {
                Ok(id) if all.contains(id) => {
                    named.insert(*id);
                }
                _ => faults.push(format!("{SYLLABUS}: there is no exercise `{text}`")),
            }
        }
    }
    for module in &course.modules {
        let core: Vec<ExerciseId> = module.core().map(|exercise| exercise.id).collect();
        for id in core.iter().filter(|id| !named.contains(id)) {
            faults.push(format!("{SYLLABUS}: exercise {id} serves no outcome"));
        }
    }
    Ok(Part { name: "outcomes name exercises, and every exercise serves one", faults })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_that_do_not_add_up_are_found() {
        let rubric = |first: &str, of: &str| {
            let example =
                |name: &str| format!("\n### {name} (3 of 5)\n\n| A | 1 | x |\n| B | 2 | y |\n");
            format!(
                "\n## Rubric: one {of}\n\n| criterion | points |\n|---|---|\n| A | 2 | |\n| B | 3 | |\n{}{}{}",
                example(first),
                example("b"),
                example("c")
            )
        };
        let right =
            [rubric("a", "(5 points)"), rubric("a", "(5 points)"), rubric("a", "(5 points)")];
        assert!(faults_of_rubrics(&right.concat()).is_empty());
        let faults = faults_of_rubrics(&rubric("a", "(6 points)"));
        assert!(faults.iter().any(|fault| fault.contains("have 5 points")), "{faults:?}");
        let wrong = right.concat().replacen("| A | 1 |", "| A | 3 |", 1);
        assert_eq!(faults_of_rubrics(&wrong).len(), 2, "{:?}", faults_of_rubrics(&wrong));
    }
}
