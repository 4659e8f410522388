//! `reset`: puts an exercise or a module back to how it was handed out, and keeps a copy.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use course::source::Outline;
use course::{Exercise, ExerciseId, Module};

use crate::files::Changes;
use crate::lock::TreeLock;
use crate::progress::Progress;
use crate::tree::{Course, Target};
use crate::{files, line_endings, term};

/// `cargo xtask reset`.
pub(crate) fn run(course: &Course, target: Target<'_>, yes: bool) -> Result<()> {
    let mut progress = Progress::load(&course.root)?;
    progress.must_be_readable()?;
    let (name, ids): (String, Vec<ExerciseId>) = match target {
        Target::Module(module) => {
            (module.dir.clone(), module.exercises.iter().map(|e| e.id).collect())
        }
        Target::Exercise(_, exercise) => (exercise.id.to_string(), vec![exercise.id]),
    };
    let list = listed(&changes(course, target)?);
    let question = format!("Put {name} back to how it was handed out, in {list}?");
    let would = format!("`reset {name}` would change {list}");
    if !list.is_empty() && !yes && !term::confirm(&question, &would)? {
        say!("Nothing was changed.");
        return Ok(());
    }
    let lock = TreeLock::take(&course.root)?;
    // A file may have changed while nobody answered.
    let changes = changes(course, target)?;
    files::sweep(&course.root, Path::new("modules"))?;
    let kept = apply(course, &name, &changes)?;
    drop(lock);
    match kept {
        Some(kept) => {
            say!("{name} is as it was handed out: {}.", listed(&changes));
            say!("A copy of what you wrote is in {}.", files::shown(&kept));
        }
        None => say!("{name} is as it was handed out."),
    }
    for id in ids {
        progress.mark_open(id);
    }
    progress.save()
}

fn changes(course: &Course, target: Target<'_>) -> Result<Changes> {
    match target {
        Target::Module(module) => whole_module(course, module),
        Target::Exercise(module, exercise) => one_exercise(course, module, exercise),
    }
}

fn listed(changes: &Changes) -> String {
    changes.keys().map(|path| files::shown(path)).collect::<Vec<_>>().join(", ")
}

/// Writes the changes, after a copy of what is there. Returns where the copy is; `None` if nothing changes.
fn apply(course: &Course, name: &str, changes: &Changes) -> Result<Option<PathBuf>> {
    if changes.is_empty() {
        return Ok(None);
    }
    let there: Vec<PathBuf> =
        changes.keys().filter(|path| course.root.join(path).exists()).cloned().collect();
    let kept = files::keep(&course.root, &format!("reset-{name}"), &there)?;
    for (path, bytes) in changes {
        let path = course.root.join(path);
        match bytes {
            Some(bytes) => files::write(&path, bytes)?,
            None => {
                fs::remove_file(&path)
                    .with_context(|| format!("cannot remove {}", path.display()))?;
            }
        }
    }
    Ok(Some(kept))
}

fn whole_module(course: &Course, module: &Module) -> Result<Changes> {
    let src = module.learner().join("src");
    let there = match course.root.join(&src) {
        dir if dir.is_dir() => files::read_tree_without(&dir, &files::is_draft)?,
        _ => BTreeMap::new(),
    };
    let pristine = course.pristine(module)?;
    let added = there.keys().filter(|path| !pristine.contains_key(*path));
    let mut changes: Changes = added.map(|path| (src.join(path), None)).collect();
    for (path, stub) in &pristine {
        let mine = there.get(path);
        if mine.is_none_or(|mine| !line_endings::are_same(mine, stub)) {
            let stub = match (mine.map(|mine| std::str::from_utf8(mine)), std::str::from_utf8(stub))
            {
                (Some(Ok(mine)), Ok(stub)) => line_endings::like(mine, stub).into_bytes(),
                _ => stub.clone(),
            };
            changes.insert(src.join(path), Some(stub));
        }
    }
    Ok(changes)
}

fn one_exercise(course: &Course, module: &Module, exercise: &Exercise) -> Result<Changes> {
    if module.is_open_path() {
        bail!(
            "nobody can tell which part of your design is for {}; `cargo xtask reset {}` puts all of it back (a copy is \
             kept)",
            exercise.id,
            module.dir
        );
    }
    let path = module.learner().join(&exercise.file);
    let stub = course.stub(module, exercise)?;
    let stub = stub.with_context(|| format!("the stub has no file {}", exercise.file))?;
    let bytes = match fs::read(course.root.join(&path)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read {}", files::shown(&path)));
        }
    };
    let new = if exercise.is_rust() && !bytes.is_empty() {
        let put_back = text_of(&bytes).and_then(|text| put_back(text, &stub, exercise.id));
        put_back.with_context(|| {
            format!(
                "exercise {} cannot be found in {}; `cargo xtask reset {}` puts the whole module back (a \
                 copy is kept)",
                exercise.id,
                files::shown(&path),
                module.package
            )
        })?
    } else {
        line_endings::like(&String::from_utf8_lossy(&bytes), &stub)
    };
    let is_same = line_endings::are_same(new.as_bytes(), &bytes);
    Ok(if is_same { Changes::new() } else { Changes::from([(path, Some(new.into_bytes()))]) })
}

/// The text of a file. Other bytes could not be written again as they were.
pub(crate) fn text_of(bytes: &[u8]) -> Result<&str> {
    std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        anyhow!("line {line}: it is not UTF-8 text, which Rust requires")
    })
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
        edits.push((place.whole.clone(), line_endings::like(text, &stub[item.whole])));
    }
    // From the end to the beginning, so that the other places stay valid.
    edits.sort_by_key(|(place, _)| std::cmp::Reverse(place.start));
    for (place, original) in edits {
        new.replace_range(place, &original);
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
    fn a_file_keeps_the_endings_of_its_lines() {
        let text = STUB.replace("todo!(\"exercise 1.2\")", "1").replace('\n', "\r\n");
        let new = put_back(&text, STUB, ExerciseId { module: 1, number: 2 }).unwrap();
        assert_eq!(new, STUB.replace('\n', "\r\n"));
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
