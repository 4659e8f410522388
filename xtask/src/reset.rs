//! `reset`: puts an exercise or a module back to how it was handed out, and keeps a copy.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use course::source::Outline;
use course::{Exercise, ExerciseId, Module};

use crate::files;
use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, Target};

/// New contents by path from the root; `None` for a file to remove.
type Changes = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// `cargo xtask reset`.
pub(crate) fn run(course: &Course, target: Target<'_>, yes: bool) -> Result<()> {
    let (name, changes, ids): (String, Changes, Vec<ExerciseId>) = match target {
        Target::Module(module) => (
            module.dir.clone(),
            whole_module(course, module)?,
            module.exercises.iter().map(|e| e.id).collect(),
        ),
        Target::Exercise(module, exercise) => {
            (exercise.id.to_string(), one_exercise(course, module, exercise)?, vec![exercise.id])
        }
    };
    if changes.is_empty() {
        say!("{name} is as it was handed out.");
        return forget(course, &ids);
    }
    let list: Vec<String> = changes.keys().map(|path| files::shown(path)).collect();
    if !yes && !confirm(&name, &list)? {
        say!("Nothing was changed.");
        return Ok(());
    }
    let there: Vec<PathBuf> =
        changes.keys().filter(|path| course.root.join(path).exists()).cloned().collect();
    let kept = files::keep(&course.root, &format!("reset-{name}"), &there)?;
    for (path, bytes) in &changes {
        let path = course.root.join(path);
        match bytes {
            Some(bytes) => files::write(&path, bytes)?,
            None => {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    say!("{name} is as it was handed out: {}.", list.join(", "));
    say!("A copy of what you wrote is in {}.", files::shown(&kept));
    forget(course, &ids)
}

fn forget(course: &Course, ids: &[ExerciseId]) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    for id in ids {
        progress.mark_open(*id);
    }
    progress.save()
}

fn confirm(name: &str, list: &[String]) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "`reset {name}` would change {}, and there is no terminal to ask on; add `--yes` to confirm (a \
             copy is kept)",
            list.join(", ")
        );
    }
    let list = list.join(", ");
    let ask =
        format_args!("Put {name} back to how it was handed out, in {list}? A copy is kept. [y/N] ");
    term::part(&mut io::stdout(), ask);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("cannot read the answer")?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

fn whole_module(course: &Course, module: &Module) -> Result<Changes> {
    let src = module.learner().join("src");
    let there = match course.root.join(&src) {
        dir if dir.is_dir() => files::read_tree(&dir)?,
        _ => BTreeMap::new(),
    };
    let pristine = course.pristine(module)?;
    let added = there.keys().filter(|path| !pristine.contains_key(*path));
    let mut changes: Changes = added.map(|path| (src.join(path), None)).collect();
    for (path, bytes) in &pristine {
        if there.get(path) != Some(bytes) {
            changes.insert(src.join(path), Some(bytes.clone()));
        }
    }
    Ok(changes)
}

fn one_exercise(course: &Course, module: &Module, exercise: &Exercise) -> Result<Changes> {
    let path = module.learner().join(&exercise.file);
    let stub = course.stub(module, exercise)?;
    let stub = stub.with_context(|| format!("the stub has no file {}", exercise.file))?;
    let bytes = fs::read(course.root.join(&path)).unwrap_or_default();
    let new = if exercise.is_rust() && !bytes.is_empty() {
        put_back(&String::from_utf8_lossy(&bytes), &stub, exercise.id).with_context(|| {
            format!(
                "exercise {} cannot be found in {}; `cargo xtask reset {}` puts the whole module back (a \
                 copy is kept)",
                exercise.id,
                files::shown(&path),
                module.package
            )
        })?
    } else {
        stub
    };
    let is_same = new.as_bytes() == bytes;
    Ok(if is_same { Changes::new() } else { Changes::from([(path, Some(new.into_bytes()))]) })
}

/// The learner's text with the items of one exercise as they are in the stub.
fn put_back(text: &str, stub: &str, id: ExerciseId) -> Result<String> {
    let Outline { items: theirs, fault } = Outline::read(text);
    if let Some(fault) = fault {
        bail!("line {}: {}", fault.line, fault.what);
    }
    let mut new = text.to_owned();
    let mut edits = Vec::new();
    for item in Outline::read(stub).items.into_iter().filter(|item| item.exercise() == Some(id)) {
        let place = theirs.iter().find(|other| other.path == item.path);
        let place = place.with_context(|| format!("`{}` is missing", item.path))?;
        edits.push((place.whole.clone(), &stub[item.whole]));
    }
    // From the end to the beginning, so that the other places stay valid.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, original) in edits {
        new.replace_range(place, original);
    }
    Ok(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STUB: &str = "impl Log {\n    /// Docs.\n    fn a(&self) -> u8 {\n        // Exercise 1.2: x\n        todo!(\"exercise 1.2\")\n    }\n\n    fn b(&self) {\n        // Exercise 1.3: x\n        todo!(\"exercise 1.3\")\n    }\n}\n";

    #[test]
    fn only_the_items_of_the_exercise_are_put_back() {
        let text = "// mine\nfn helper() {}\n\nimpl Log {\n    fn b(&self) {\n        my();\n    }\n\n    /// Docs.\n    fn a(&self, other: u8) -> u8 {\n        other\n    }\n}\n";
        let new = put_back(text, STUB, ExerciseId { module: 1, number: 2 }).unwrap();
        let expected = "// mine\nfn helper() {}\n\nimpl Log {\n    fn b(&self) {\n        my();\n    }\n\n    /// Docs.\n    fn a(&self) -> u8 {\n        // Exercise 1.2: x\n        todo!(\"exercise 1.2\")\n    }\n}\n";
        assert_eq!(new, expected);
    }

    #[test]
    fn a_missing_item_and_a_missing_bracket_are_reported() {
        let id = ExerciseId { module: 1, number: 2 };
        let error = format!("{:#}", put_back("impl Log {}\n", STUB, id).unwrap_err());
        assert!(error.contains("`Log::a` is missing"), "{error}");
        let error = format!("{:#}", put_back("fn a() {}\nfn (\n", STUB, id).unwrap_err());
        assert!(error.contains("line 2"), "{error}");
    }
}
