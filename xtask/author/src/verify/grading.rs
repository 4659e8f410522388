//! Grading a class: students whose marks are known beforehand, and those who cheat. The whole class is graded with
//! `--full`, and in several ways, which must not differ.

mod class;
mod extent;
mod gradescope;
mod students;
mod ways;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail, ensure};
use course::ExerciseId;
use serde_json::Value;
use xtask::files;

use self::class::Class;
use self::extent::is_graded;
use self::students::{STUDENTS, Student};
use super::workshop::Workshop;

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    workshop.tidy()?;
    let grades = workshop.lab().join("grades");
    let _ = fs::remove_dir_all(grades.join("students"));
    let students: Vec<&Student> =
        STUDENTS.iter().filter(|student| workshop.is_full() || !student.is_extra).collect();
    let class = Class::hand_in(workshop, &students)?;
    let around = Around::of(workshop, &class)?;
    let grading = ways::Grading { workshop, submissions: &class.submissions, out: &grades };
    let count = students.len();
    if let Err(reason) = isolated(&grading, count)? {
        ensure!(std::env::var_os("CI").is_none(), "grading cannot be tested: {reason}");
        xtask::say_aside!("  grading is not tested here: {reason}");
        return Ok(());
    }
    let wrong: Vec<String> = students
        .iter()
        .filter_map(|student| has_the_marks(workshop, student, &grades).err())
        .map(|error| format!("{error:#}"))
        .collect();
    ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
    ensure!(Around::of(workshop, &class)? == around, "grading has changed a file");
    grading.nothing_runs()?;
    grading.resumed(count)?;
    grading.merged(count)?;
    if workshop.is_full() {
        grading.in_other_ways(count)?;
    }
    gradescope::run(workshop, &class.submissions, &grades)
}

/// What grading must leave as it is.
#[derive(PartialEq, Eq)]
struct Around {
    submissions: files::Tree,
    tree: files::Tree,
}

impl Around {
    fn of(workshop: &Workshop, class: &Class<'_>) -> Result<Self> {
        Ok(Around {
            submissions: files::read_tree_without(&class.submissions, &|path| {
                // It leads to a file of the machine.
                class.submissions.join(path).is_symlink()
            })?,
            tree: files::read_tree_without(&workshop.course().root, &files::is_private)?,
        })
    }
}

/// Grades the class, if this machine can isolate submissions; otherwise, why it cannot.
fn isolated(grading: &ways::Grading<'_>, count: usize) -> Result<Result<(), String>> {
    let said = grading.grade(&["--jobs", "1"])?;
    if said.text.contains("--trust") {
        return Ok(Err("bubblewrap and prlimit are needed".to_owned()));
    }
    said.expect(1, &[&format!("{count} students"), "need a look"])?;
    Ok(Ok(()))
}

/// Requires that a student has the marks that were known beforehand.
fn has_the_marks(workshop: &Workshop, student: &Student, grades: &Path) -> Result<()> {
    let (folder, result) = stored(student.name, grades)?;
    let report = fs::read_to_string(folder.join("report.md"))?;
    ensure!(report.contains(student.says), "the report of {} says:\n{report}", student.name);
    let is_rejected = result["rejected"].is_string()
        || result["findings"].as_array().is_some_and(|findings| !findings.is_empty());
    ensure!(is_rejected == student.is_rejected, "{}: {report}", student.name);
    let modules = result["modules"].as_array().into_iter().flatten();
    let exercises = modules.filter_map(|module| module["exercises"].as_array()).flatten();
    let (mut earned, mut wrong): (Vec<(ExerciseId, f64)>, _) = (Vec::new(), Vec::new());
    for exercise in exercises {
        let id = exercise["id"].as_str().unwrap_or_default().parse()?;
        earned.push((id, exercise["earned"].as_f64().unwrap_or_default()));
    }
    for module in workshop.course().modules.iter().filter(|module| is_graded(module)) {
        for exercise in module.core() {
            let is_lost = is_rejected || student.lost.contains(&&*exercise.id.to_string());
            let expected = if is_lost { 0.0 } else { f64::from(exercise.points) };
            let found = earned.iter().find(|(id, _)| *id == exercise.id).map(|(_, points)| points);
            if !found.is_some_and(|points| (points - expected).abs() < 0.01) {
                wrong.push(format!("{} has {found:?} points, not {expected}", exercise.id));
            }
        }
    }
    ensure!(wrong.is_empty(), "{}: {}", student.name, wrong.join("; "));
    Ok(())
}

/// A student's folder and stored result.
fn stored(student: &str, grades: &Path) -> Result<(PathBuf, Value)> {
    let students = grades.join("students");
    for name in files::names(&students)? {
        let folder = students.join(name);
        let bytes = fs::read(folder.join("result.json"))?;
        let result: Value = serde_json::from_slice(&bytes)?;
        if result["student"] == student {
            return Ok((folder, result));
        }
    }
    bail!("{student} has no result")
}
