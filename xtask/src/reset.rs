//! `reset`: puts an exercise or a module back to how it was handed out. What was there is kept.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::course::{Course, Exercise, Id, Module, Target};
use crate::files;
use crate::outline::{self, Item, Mark};
use crate::progress::Progress;
use crate::term;

/// What is to be written, by path from the root; nothing for a file that is to go.
type Changes = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// `cargo xtask reset`.
pub(crate) fn run(course: &Course, target: Target<'_>, yes: bool) -> Result<()> {
    let (name, changes, ids): (String, Changes, Vec<Id>) = match target {
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
        say!("Nothing is changed.");
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
    say!("What you had written is kept in {}.", files::shown(&kept));
    forget(course, &ids)
}

fn forget(course: &Course, ids: &[Id]) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    for id in ids {
        progress.mark_open(*id);
    }
    progress.save()
}

fn confirm(name: &str, list: &[String]) -> Result<bool> {
    if !io::stdin().is_terminal() {
        bail!(
            "`reset {name}` would change {}, and there is no terminal to ask on; say `--yes` if you \
             mean it (a copy is kept)",
            list.join(", ")
        );
    }
    let list = list.join(", ");
    let ask =
        format_args!("Put {name} back to how it was handed out, in {list}? A copy is kept. [y/N] ");
    term::part(&mut io::stdout(), ask);
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("cannot hear the answer")?;
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
    let pristine = course.pristine(module)?;
    let stub = exercise.file.strip_prefix("src").ok().and_then(|path| pristine.get(path));
    let stub = stub.with_context(|| format!("the stub has no file {}", exercise.file.display()))?;
    let is_source = exercise.file.extension().is_some_and(|extension| extension == "rs");
    let bytes = fs::read(course.root.join(&path)).unwrap_or_default();
    let new = if is_source && !bytes.is_empty() {
        let text = String::from_utf8_lossy(&bytes);
        put_back(&text, &String::from_utf8_lossy(stub), exercise.id)
            .with_context(|| {
                format!(
                    "exercise {} cannot be told apart in {}; `cargo xtask reset {}` brings back the \
                     whole module (a copy is kept)",
                    exercise.id,
                    files::shown(&path),
                    module.package
                )
            })?
            .into_bytes()
    } else {
        stub.clone()
    };
    Ok(if new == bytes { Changes::new() } else { Changes::from([(path, Some(new))]) })
}

/// The learner's text with the items of one exercise as they are in the stub.
fn put_back(text: &str, stub: &str, id: Id) -> Result<String> {
    let asked = |item: &Item| item.mark.as_ref().and_then(Mark::exercise) == Some(id);
    let theirs = outline::read(text)?;
    let mut new = text.to_owned();
    let mut edits = Vec::new();
    for item in outline::read(stub)?.into_iter().filter(asked) {
        let place = theirs.iter().find(|other| other.path == item.path);
        let place = place.with_context(|| format!("`{}` is not there any more", item.path))?;
        edits.push((place.whole.clone(), &stub[item.whole]));
    }
    // From the end to the beginning, so that the places of the others stay right.
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
        let new = put_back(text, STUB, Id { module: 1, number: 2 }).unwrap();
        let expected = "// mine\nfn helper() {}\n\nimpl Log {\n    fn b(&self) {\n        my();\n    }\n\n    /// Docs.\n    fn a(&self) -> u8 {\n        // Exercise 1.2: x\n        todo!(\"exercise 1.2\")\n    }\n}\n";
        assert_eq!(new, expected);
    }

    #[test]
    fn what_is_gone_or_no_rust_is_told() {
        let id = Id { module: 1, number: 2 };
        let error = format!("{:#}", put_back("impl Log {}\n", STUB, id).unwrap_err());
        assert!(error.contains("`Log::a` is not there"), "{error}");
        let error = format!("{:#}", put_back("fn a() {}\nfn (\n", STUB, id).unwrap_err());
        assert!(error.contains("line 2"), "{error}");
    }
}
