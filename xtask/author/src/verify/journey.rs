//! The journey: filling in one exercise after another, from the reference. After exercise *k*, exactly
//! the checks of 1…*k* are green.

use anyhow::{Context as _, Result, bail, ensure};
use course::{Exercise, ExerciseId, Module, Outcome, Report, Select};
use xtask::build::{self, Built};
use xtask::gate::Options;
use xtask::tree::{Course, Way};
use xtask::use_module::{self, Source};

use super::workshop::{TIMEOUT_FACTOR, Workshop};

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    for module in &workshop.course().modules {
        through(workshop, module)?;
    }
    Ok(())
}

/// The way of a learner on the open path who writes the reference at once: first every check asks for the first
/// milestone, and then every check is green.
pub(super) fn open_path(workshop: &Workshop) -> Result<()> {
    let course = workshop.course().on(Way::Open)?;
    let open = course.modules.first().context("there is no open path")?;
    let first = "the open path: figure 2 and nothing else";
    let said = workshop.xtask(&["check", "open"])?.did_its_work()?;
    ensure!(said.output.to_lowercase().contains(first), "`check open` begins with:\n{}", said.text);
    said.expect(
        1,
        &["Milestone open.1", "comes first", "docs/chapters/open.md", "modules/open/src"],
    )?;
    for report in reports(workshop, open)? {
        let is_unwritten = report.unwritten() == Some(open.exercises[0].id);
        ensure!(is_unwritten, "on the empty server, `{}` says:\n{}", report.check, report.text);
    }
    workshop.solve_open_path(open)?;
    workshop
        .xtask(&["check", "open"])?
        .expect(0, &["✔ open.1", "✔ open.6", "is done. Well done!"])?;
    for bonus in open.exercises.iter().filter(|milestone| milestone.bonus) {
        let id = bonus.id.to_string();
        workshop.xtask(&["check", &id])?.expect(0, &[&format!("✔ {id}")])?;
    }
    Ok(())
}

/// The same for every module, on the reference of the module before it.
pub(super) fn on_the_reference(workshop: &Workshop) -> Result<()> {
    let course = workshop.course();
    for (before, module) in course.chain().zip(course.chain().skip(1)) {
        use_module::switch(course, before, Source::Solution)?;
        through(workshop, module)?;
    }
    Ok(())
}

/// From the stub to the reference, which then remains.
fn through(workshop: &Workshop, module: &Module) -> Result<()> {
    let mut faults = Vec::new();
    for count in 0..=module.exercises.len() {
        workshop.solve(module, count)?;
        let last = count.checked_sub(1).map(|at| module.exercises[at].id);
        let reports = reports(workshop, module)?;
        for exercise in &module.exercises {
            let own: Vec<&Report> = reports.iter().filter(|r| r.exercise == exercise.id).collect();
            ensure!(!own.is_empty(), "exercise {} has no check", exercise.id);
            for report in own {
                if let Some(fault) = fault(workshop.course(), report, exercise, last)? {
                    faults.push(fault);
                }
            }
        }
        // Later exercises would only repeat it.
        if !faults.is_empty() {
            break;
        }
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    Ok(())
}

/// Builds and runs a module's gate in the workshop.
fn reports(workshop: &Workshop, module: &Module) -> Result<Vec<Report>> {
    match build::gate_silently(workshop.cargo(), &workshop.course().root, &module.package)? {
        Built::Ready(gate) => {
            let options = Options { tested: Some(TIMEOUT_FACTOR), ..Options::default() };
            let judged = gate.run(&Select::All, options)?;
            if let Some((id, check)) = judged.endless {
                bail!("check {id} `{check}` does not end, so others were not tried");
            }
            Ok(judged.reports)
        }
        Built::Broken(errors) => {
            let texts: Vec<&str> = errors.iter().map(|error| error.rendered.as_str()).collect();
            bail!("{} does not compile:\n{}", module.package, texts.join("\n"))
        }
    }
}

/// What is wrong with a report if the exercises up to `last` are solved.
fn fault(
    course: &Course,
    report: &Report,
    exercise: &Exercise,
    last: Option<ExerciseId>,
) -> Result<Option<String>> {
    let id = exercise.id;
    let after = last.map_or_else(|| "on the stub".to_owned(), |last| format!("after {last}"));
    let wrong = |what: String| {
        Ok(Some(format!("{after}, check {id} `{}` {what}\n{}", report.check, report.text)))
    };
    if Some(id) <= last {
        return if report.passed() { Ok(None) } else { wrong("is not green:".to_owned()) };
    }
    match (report.outcome, report.unwritten()) {
        (Outcome::Todo, Some(todo)) if Some(todo) > last && todo <= id => Ok(None),
        (Outcome::Todo, todo) => {
            let name = todo.map_or_else(|| "nothing".to_owned(), |todo| todo.to_string());
            wrong(format!("needs {name}, but may need only exercises up to its own:"))
        }
        // If a stub has no `todo!`, the check itself must fail on it.
        (Outcome::Failed, _) if exercise.bonus || !has_todo(course, exercise)? => Ok(None),
        (Outcome::Passed, _) => wrong("is green although nothing is written for it.".to_owned()),
        (Outcome::Failed, _) => wrong("is red for a reason other than its `todo!`:".to_owned()),
        (Outcome::Stopped, _) => wrong("was stopped:".to_owned()),
    }
}

/// Whether the stub of an exercise has a `todo!`.
fn has_todo(course: &Course, exercise: &Exercise) -> Result<bool> {
    let Some((module, _)) = course.exercise(exercise.id) else { return Ok(false) };
    let text = course.stub(module, exercise)?.unwrap_or_default();
    Ok(text.contains(&format!("\"exercise {}\"", exercise.id)))
}
