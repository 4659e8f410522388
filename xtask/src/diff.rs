//! `diff`: the learner's code beside the reference, function by function.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use course::source::Outline;
use course::{Exercise, ExerciseId, Module};
use similar::{ChangeTag, TextDiff};

use crate::progress::Progress;
use crate::tree::{Course, Target, Way};
use crate::{files, term};

/// A function of an exercise, as the reference has it and as the learner has it.
struct Pair {
    name: String,
    reference: String,
    /// `None` if the learner's file has no function of this name.
    own: Option<String>,
}

/// `cargo xtask diff`. Without a target, compares the last exercise that is done. The reference of an exercise that is
/// not done is shown only if the learner insists: it teaches most afterwards.
pub(crate) fn run(course: &Course, target: Option<Target<'_>>, anyway: bool) -> Result<()> {
    if course.way() == Way::Open {
        bail!(
            "the reference of the open path is another design than yours, so its functions have no counterparts. Once \
             you are done, read it: solutions/open/src/lib.rs, if your tree has it"
        );
    }
    let progress = Progress::load(&course.root)?;
    let is_open = |exercise: &Exercise| !anyway && progress.is_open(exercise.id);
    match target {
        Some(Target::Exercise(_, exercise)) if is_open(exercise) => bail!(
            "{id} is not done. The reference teaches most once your own code is green: then you know which \
             questions it had to answer. `cargo xtask diff {id} --anyway` shows it now",
            id = exercise.id
        ),
        Some(Target::Exercise(module, exercise)) => compare(course, module, exercise),
        Some(Target::Module(module)) => {
            let mut done = module.exercises.iter().filter(|exercise| !is_open(exercise)).peekable();
            ensure!(done.peek().is_some(), "no exercise of {} is done yet", module.dir);
            done.try_for_each(|exercise| compare(course, module, exercise))
        }
        None => {
            let (module, exercise) = last_done(course, &progress).context(
                "no exercise is done yet; `cargo xtask diff 2.3 --anyway` compares one that is not",
            )?;
            compare(course, module, exercise)
        }
    }
}

/// The last exercise of the course that is done.
fn last_done<'a>(course: &'a Course, progress: &Progress) -> Option<(&'a Module, &'a Exercise)> {
    let modules = course.modules.iter().rev();
    let mut all =
        modules.flat_map(|module| module.exercises.iter().rev().map(move |e| (module, e)));
    all.find(|(_, exercise)| progress.is_done(exercise.id))
}

fn compare(course: &Course, module: &Module, exercise: &Exercise) -> Result<()> {
    let reference = reference(course, module, exercise)?;
    let own = course.text(module, exercise);
    let file = files::shown(&module.learner().join(&exercise.file));
    let head = format!("{} {}: {file}", exercise.id, exercise.title);
    tell!("{}", term::bold(&head));
    say!("{} yours   {} the reference\n", term::red("-"), term::green("+"));
    for pair in pairs(&reference, &own, exercise) {
        print(&pair);
    }
    Ok(())
}

/// The file of an exercise in the reference. A course without the reference may release it module by module.
fn reference(course: &Course, module: &Module, exercise: &Exercise) -> Result<String> {
    let path: PathBuf = course.root.join(module.solution()).join(&exercise.file);
    fs::read_to_string(&path).with_context(|| {
        format!(
            "the reference of {} is not in this tree ({} cannot be read). If your course releases it, put its folder \
             there",
            module.dir,
            files::shown(&module.solution().join(&exercise.file))
        )
    })
}

fn pairs(reference: &str, own: &str, exercise: &Exercise) -> Vec<Pair> {
    if !exercise.is_rust() {
        let name = exercise.file.clone();
        return vec![Pair { name, reference: reference.to_owned(), own: Some(own.to_owned()) }];
    }
    functions(reference, own, exercise.id)
}

/// The functions that the reference marks with an exercise, and those of the same name in the learner's file.
fn functions(reference: &str, own: &str, id: ExerciseId) -> Vec<Pair> {
    let theirs = Outline::read(own).items;
    let marked =
        Outline::read(reference).items.into_iter().filter(|item| item.exercise() == Some(id));
    marked
        .map(|item| {
            let own_item = theirs.iter().find(|other| other.path == item.path);
            Pair {
                name: item.path.clone(),
                reference: reference[item.whole].to_owned(),
                own: own_item.map(|other| own[other.whole.clone()].to_owned()),
            }
        })
        .collect()
}

fn print(pair: &Pair) {
    let Some(own) = &pair.own else {
        tell!("`{}` is not in your file. The reference:\n", pair.name);
        say!("{}\n", pair.reference.trim_end());
        return;
    };
    if own.trim() == pair.reference.trim() {
        tell!("`{}` is the same, to the letter.\n", pair.name);
        return;
    }
    for line in TextDiff::from_lines(own.trim_end(), pair.reference.trim_end()).iter_all_changes() {
        let text = line.to_string_lossy();
        let text = text.trim_end_matches(['\n', '\r']);
        match line.tag() {
            ChangeTag::Delete => say!("{}", term::red(&format!("- {text}"))),
            ChangeTag::Insert => say!("{}", term::green(&format!("+ {text}"))),
            ChangeTag::Equal => say!("  {text}"),
        }
    }
    say!();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_compared_by_name_wherever_they_are() {
        let reference = "impl Log {\n    fn a(&self) -> u8 {\n        // Exercise 1.2: x\n        1\n    }\n\n    fn b(&self) {\n        // Exercise 1.2: x\n    }\n}\n\nfn c() {\n    // Exercise 1.3: x\n}\n";
        let own = "fn helper() {}\n\nimpl Log {\n    fn a(&self) -> u8 {\n        2\n    }\n}\n";
        let id = ExerciseId { module: 1, number: 2 };
        let pairs = functions(reference, own, id);
        let names: Vec<&str> = pairs.iter().map(|pair| pair.name.as_str()).collect();
        assert_eq!(names, ["Log::a", "Log::b"]);
        assert!(pairs[0].own.as_ref().unwrap().contains("        2\n"));
        assert!(pairs[1].own.is_none());
    }
}
