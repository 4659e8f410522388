//! Stubs: what the learner starts from. They are generated from the reference, so that the two cannot drift
//! apart.
//!
//! An item that is marked as an exercise keeps its comment, docs and signature, and loses its body. Everything
//! else is copied byte for byte. The stubs are written twice: to `modules/`, where the learner works, and to
//! `.pristine/`, from which the runner restores and compares them. Beside them is the list of the files that
//! judge the exercises.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::source::stub::{self, items};
use course::{ExerciseId, Module, source};
use xtask::tree::{Course, PRISTINE};
use xtask::{files, say, verdict};

/// The stub of a module, generated from the reference's `src`: the bytes of each file, by its path. Exercises in
/// `solved` keep the reference's code.
pub(crate) fn generate(
    src: &Path,
    solved: &BTreeSet<ExerciseId>,
) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut tree = files::read_tree(src)?;
    for (path, bytes) in &mut tree {
        let kind = path.extension().and_then(|extension| extension.to_str());
        if !matches!(kind, Some("rs" | "scenario" | "proof" | "answer")) {
            continue;
        }
        let place = || files::shown(&src.join(path));
        let text =
            std::str::from_utf8(bytes).with_context(|| format!("{} is not text", place()))?;
        let stub = stub::of_file(path, text, solved).with_context(place)?;
        *bytes = stub.into_bytes();
    }
    Ok(tree)
}

/// The exercises that a file is marked with, and the items. A scenario, a proof or an answer is one item without a name.
pub(crate) fn exercises_in(path: &Path, text: &str) -> Result<Vec<(ExerciseId, String)>> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => Ok(items(text)?
            .into_iter()
            .filter_map(|item| Some((item.exercise()?, item.path)))
            .collect()),
        Some("scenario" | "proof" | "answer") => {
            Ok(source::marker(text, "#").map(|id| (id, String::new())).into_iter().collect())
        }
        _ => Ok(Vec::new()),
    }
}

/// A file that differs from what the reference makes of it.
#[derive(Debug)]
struct Stale {
    path: PathBuf,
    why: &'static str,
}

/// Files by their path from the root.
type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// `cargo xtask stubs`: writes the stubs of all modules; with `check`, only reports which are stale. Returns
/// whether none is.
pub(crate) fn run(course: &Course, check: bool, force: bool) -> Result<bool> {
    course.needs_solutions("cargo xtask stubs")?;
    let (learners, pristine) = expected(course)?;
    let mut stale = differences(course, &learners, |module| module.learner().join("src"))?;
    let of_learners = stale.len();
    stale.extend(differences(course, &pristine, |module| Path::new(PRISTINE).join(&module.dir))?);
    if check {
        return Ok(report(&stale));
    }
    if stale.is_empty() {
        say!("The stubs are up to date.");
        return Ok(true);
    }
    if of_learners > 0 && course.root.join(".progress").exists() && !force {
        bail!(
            "somebody is working through the exercises in this tree (there is a file .progress), and \
             `stubs` would replace that work by stubs; `cargo xtask reset MODULE` does so for one module, \
             `cargo xtask stubs --force` for all"
        );
    }
    keep(course, &stale[..of_learners])?;
    for Stale { path, .. } in &stale {
        let full = course.root.join(path);
        match learners.get(path).or(pristine.get(path)) {
            Some(bytes) => files::write(&full, bytes)?,
            None => fs::remove_file(&full)
                .with_context(|| format!("cannot remove {}", full.display()))?,
        }
        say!("{}", files::shown(path));
    }
    Ok(true)
}

fn report(stale: &[Stale]) -> bool {
    for Stale { path, why } in stale {
        say!("{} {why}", files::shown(path));
    }
    if stale.is_empty() {
        say!("The stubs are what the reference makes of them.");
    } else {
        say!("`cargo xtask stubs` writes them.");
    }
    stale.is_empty()
}

/// Copies what the learner's files contain before they are replaced.
fn keep(course: &Course, stale: &[Stale]) -> Result<()> {
    let exists = |stale: &&Stale| course.root.join(&stale.path).exists();
    let old: Vec<PathBuf> = stale.iter().filter(exists).map(|stale| stale.path.clone()).collect();
    if !old.is_empty() {
        let kept = files::keep(&course.root, "stubs", &old)?;
        say!("A copy of the old files is in {}.", files::shown(&kept));
    }
    Ok(())
}

/// What `modules/*/src` and `.pristine/` must contain.
fn expected(course: &Course) -> Result<(Tree, Tree)> {
    let (mut learners, mut pristine) = (Tree::new(), Tree::new());
    for module in course.all() {
        let kept = Path::new(PRISTINE).join(&module.dir);
        let stub = of_module(course, module)?;
        for (path, bytes) in stub {
            learners.insert(module.learner().join("src").join(&path), bytes.clone());
            pristine.insert(kept.join("src").join(path), bytes);
        }
        let manifest = course.root.join(module.learner()).join("Cargo.toml");
        let bytes = fs::read(&manifest);
        let bytes = bytes.with_context(|| format!("cannot read {}", manifest.display()))?;
        pristine.insert(kept.join("Cargo.toml"), bytes);
    }
    let judge = verdict::judge_list(course)?.into_bytes();
    pristine.insert(Path::new(PRISTINE).join(verdict::JUDGE_LIST), judge);
    Ok((learners, pristine))
}

/// What a learner starts from in a module. The reference of the open path is another design, so its stub is written by
/// hand, beside it.
fn of_module(course: &Course, module: &Module) -> Result<Tree> {
    let solution = course.root.join(module.solution());
    if module.is_open_path() {
        return files::read_tree(&solution.join("stub"));
    }
    generate(&solution.join("src"), &BTreeSet::new())
}

/// The files in the modules' folders that are not as expected.
fn differences(
    course: &Course,
    expected: &Tree,
    folder: impl Fn(&Module) -> PathBuf,
) -> Result<Vec<Stale>> {
    let mut there = Tree::new();
    for folder in course.all().map(folder) {
        let full = course.root.join(&folder);
        if full.is_dir() {
            let tree = files::read_tree_without(&full, &files::is_draft)?.into_iter();
            there.extend(tree.map(|(path, bytes)| (folder.join(path), bytes)));
        }
    }
    let mut stale = Vec::new();
    for (path, bytes) in expected {
        // The list of the judge's files is in no module's folder.
        let old = there.get(path).cloned().or_else(|| fs::read(course.root.join(path)).ok());
        let why = match old {
            None => "is missing",
            Some(old) if old != *bytes => "is stale",
            Some(_) => continue,
        };
        stale.push(Stale { path: path.clone(), why });
    }
    for path in there.into_keys().filter(|path| !expected.contains_key(path)) {
        stale.push(Stale { path, why: "is not in the reference" });
    }
    Ok(stale)
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod wording;
