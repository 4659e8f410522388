//! Code that does not compile: which exercise it is in, and causes that the compiler cannot name.

use std::fs;
use std::path::Path;

use anyhow::Result;
use course::{ExerciseId, Module};

use crate::build::CompileError;
use crate::tree::Course;
use crate::use_module::{self, Source};
use crate::{files, locate, manifest};

/// Where the first error is.
#[derive(Clone, Debug)]
pub(super) struct Blame {
    /// One line for the learner.
    pub(super) headline: String,
    /// The exercise that contains it, if one does.
    pub(super) exercise: Option<ExerciseId>,
    /// What the compiler cannot know.
    pub(super) advice: Vec<String>,
}

/// Finds out what the errors are about that building the gate of `module` has led to.
pub(super) fn blame(course: &Course, module: &Module, errors: &[CompileError]) -> Result<Blame> {
    let Some(error) = errors.first() else {
        let headline = format!("{} does not compile.", module.dir);
        return Ok(Blame { headline, exercise: None, advice: Vec::new() });
    };
    let place = format!("{}:{}", error.file, error.line);
    let is_in = |m: &&Module| error.file.starts_with(&folder(&m.learner().join("src")));
    let owner = course.modules.iter().find(is_in);
    let Some(owner) = owner else {
        return Ok(elsewhere(module, error, &place));
    };
    let text = fs::read_to_string(course.root.join(&error.file)).unwrap_or_default();
    let exercise = locate::exercise_at(owner, &error.file, &text, error.line);
    let headline = match exercise {
        Some(id) => format!("Exercise {id} does not compile: {place}."),
        None if owner.is_open_path() => format!("{} does not compile: {place}.", owner.name()),
        None => format!("{} does not compile, outside the exercises: {place}.", owner.dir),
    };
    let headline = if owner.dir == module.dir {
        headline
    } else {
        format!("{headline} It is in {}, which {} builds on.", owner.dir, module.dir)
    };
    let mut advice = about_predecessor(course, owner, errors)?;
    advice.extend(about_manifest(course, owner, errors));
    Ok(Blame { headline, exercise, advice })
}

/// An error in code that is not the learner's.
fn elsewhere(module: &Module, error: &CompileError, place: &str) -> Blame {
    let suite = format!("tests/{}/", module.dir);
    let shim = folder(&module.learner().join("tests"));
    let is_check = [suite.as_str(), &shim, "tests/boot.rs", "tests/logs.rs"]
        .iter()
        .any(|p| error.file.starts_with(p));
    if !is_check {
        let headline = if error.file.is_empty() {
            format!("{} cannot be built.", module.dir)
        } else {
            format!("{} cannot be built; the error is in given code: {place}.", module.dir)
        };
        return Blame { headline, exercise: None, advice: Vec::new() };
    }
    let headline = format!("The checks of {} do not fit your code: {place}.", module.dir);
    let advice = format!(
        "The checks use the names and signatures of the stub, and one of them is missing or has \
         changed. `cargo xtask reset {}` puts {} back to how it was handed out (it asks \
         first, and keeps a copy).",
        if module.is_open_path() { module.dir.clone() } else { format!("{}.N", module.number()) },
        if module.is_open_path() { "all of it" } else { "one exercise" }
    );
    Blame { headline, exercise: None, advice: vec![advice] }
}

/// Errors about something in another module that is missing or not public.
const MISSING: [&str; 8] = ["E0405", "E0412", "E0422", "E0423", "E0425", "E0432", "E0433", "E0603"];
/// The same about a method or field; the compiler does not say whose.
const MISSING_MEMBER: [&str; 4] = ["E0560", "E0599", "E0609", "E0616"];

/// Advice if a module uses what the one before it lacks.
fn about_predecessor(
    course: &Course,
    owner: &Module,
    errors: &[CompileError],
) -> Result<Vec<String>> {
    let before = course.chain().take_while(|module| module.dir != owner.dir).last();
    let Some(before) = before else { return Ok(Vec::new()) };
    let is = |error: &CompileError, codes: &[&str]| {
        error.code.as_deref().is_some_and(|code| codes.contains(&code))
    };
    let krate = before.package.replace('-', "_");
    let names_it = |error: &CompileError| {
        error.rendered.contains(&krate) || error.rendered.contains(&before.dir)
    };
    let names_missing = |error: &CompileError| {
        (is(error, &MISSING) || is(error, &MISSING_MEMBER)) && names_it(error)
    };
    let advice = match use_module::source(&course.root, before)? {
        Source::Solution => {
            let is_missing = |e: &CompileError| names_missing(e) || is(e, &MISSING_MEMBER);
            errors.iter().any(is_missing).then(|| {
                format!(
                    "{} now builds on the reference of {}. If you use something that you added to your \
                     own, the reference lacks it: a module may use only what the reference has too. \
                     `cargo xtask use {} mine` switches to yours.",
                    owner.dir, before.dir, before.package
                )
            })
        }
        Source::Mine => errors.iter().any(names_missing).then(|| {
            format!(
                "{} uses something that your {} does not have, or does not make public. If you have \
                 changed a name or a signature there, put it back; `cargo xtask use {} solution` lets \
                 {} build on the reference.",
                owner.dir, before.dir, before.package, owner.dir
            )
        }),
    };
    Ok(advice.into_iter().collect())
}

/// Advice if a module uses a crate that its manifest lacks.
fn about_manifest(course: &Course, owner: &Module, errors: &[CompileError]) -> Option<String> {
    let is_unknown = |error: &CompileError| error.rendered.contains("unlinked crate");
    errors.iter().any(is_unknown).then(|| {
        let path = owner.learner().join("Cargo.toml");
        format!(
            "The exercises need no crates besides those that {} came with. {}",
            files::shown(&path),
            manifest::put_back(&course.root, &path)
        )
    })
}

/// The path of a folder, as the compiler writes it before a file's name.
fn folder(path: &Path) -> String {
    files::shown(path) + "/"
}
