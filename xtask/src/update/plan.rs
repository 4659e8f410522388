//! What an update will do to each file of the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use course::ExerciseId;
use course::source::stub;

use super::listing::{Listing, listed_in};
use super::merge::Misfit;
use super::modules::{self, Versions};
use super::new_course::NewCourse;
use crate::files::{self, Changes, Tree};
use crate::progress::{Progress, State};
use crate::tree::PRISTINE;
use crate::{line_endings, use_module, verdict};

/// The folders that have only files of the course, by their path from the root. `docs` also has the learner's notes.
const OWNED: [&str; 6] = ["modules", "tests", "xtask", "solutions", PRISTINE, "docs"];

/// The learner's notes.
const NOTES: &str = "docs/resources/notes";

/// What an update will do.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// New contents by path from the root; `None` for a file to remove.
    pub(super) changes: Changes,
    /// What moves to the newer course, by the file that it moves to.
    pub(super) moved: BTreeMap<PathBuf, Vec<String>>,
    /// What has no place in it, by the file that it is in now.
    pub(super) misfits: BTreeMap<PathBuf, Vec<Misfit>>,
    /// Files of the learner's that stay where they are.
    pub(super) own: Vec<PathBuf>,
    /// Exercises with progress that the newer course does not have.
    pub(super) gone: Vec<ExerciseId>,
    /// Exercises with progress whose ids mean something else in it.
    pub(super) reopened: Vec<ExerciseId>,
    /// Whether the tree says how it was handed out.
    pub(super) has_judge_list: bool,
}

impl Plan {
    /// Compares a tree with a newer course.
    ///
    /// # Errors
    /// If the tree cannot be read, or says nothing about how it was handed out.
    pub(super) fn make(root: &Path, new: &NewCourse) -> Result<Self> {
        let there = owned_files(root)?;
        let old = Listing::read_valid(&there);
        let base = handed_out(root, &there)?;
        let (mine, given): (Tree, Tree) =
            there.into_iter().partition(|(path, _)| is_in_exercises(path, &base));
        let (stubs, course): (Tree, Tree) = new
            .files
            .clone()
            .into_iter()
            .partition(|(path, _)| is_in_exercises(path, &base) || is_stub(path, new));
        let is_own = |path: &&PathBuf| !base.contains_key(*path) && !stubs.contains_key(*path);
        let own = mine.keys().filter(is_own).cloned().collect();
        let versions = Versions { base, mine, new: stubs };
        let moves = modules::moves(&versions, &old, &new.listing)?;
        let mut plan = Plan {
            changes: moves.changes,
            moved: moves.moved,
            misfits: moves.misfits,
            own,
            ..Plan::default()
        };
        plan.own.retain(|path| !plan.changes.contains_key(path));
        plan.given(root, &given, course, new)?;
        plan.edited(root, &given, &old);
        plan.progress(root, &old, &new.listing)?;
        plan.must_fit(root)?;
        plan.leave_lock(root);
        Ok(plan)
    }

    /// Replaces the files that are given.
    fn given(
        &mut self,
        root: &Path,
        there: &Tree,
        mut course: Tree,
        new: &NewCourse,
    ) -> Result<()> {
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap_or_default();
        if let Some(bytes) = course.get_mut(Path::new("Cargo.toml"))
            && let modules = new.with_reference()?
            && !modules.is_empty()
        {
            let text = String::from_utf8_lossy(bytes).into_owned();
            // A manifest that cannot be read says nothing about whose modules are used.
            let switched = use_module::switched_like(&manifest, &text, &modules);
            *bytes = switched.unwrap_or(text).into_bytes();
        }
        for path in there.keys().filter(|path| !course.contains_key(*path) && !is_note(path)) {
            self.changes.insert(path.clone(), None);
            // No list says which pages were handed out, so this may be one of the learner's own.
            if path.starts_with("docs") {
                self.misfit(path, "the new course has no such file");
            }
        }
        for (path, bytes) in course {
            let old = read_if_there(root, &path)?;
            let is_same = old.as_ref().is_some_and(|old| line_endings::are_same(old, &bytes));
            let is_notes_of_learner = old.is_some() && is_note(&path);
            if !is_same && !is_notes_of_learner {
                self.changes.insert(path, Some(bytes));
            }
        }
        Ok(())
    }

    /// Finds given files that the learner has changed or added.
    fn edited(&mut self, root: &Path, there: &Tree, old: &Listing) {
        let Some(list) = verdict::handed_out(root) else { return };
        self.has_judge_list = true;
        let mut misfits = Vec::new();
        for path in self.changes.keys().filter(|path| is_judge(path)) {
            let Some(bytes) = there.get(path).cloned().or_else(|| fs::read(root.join(path)).ok())
            else {
                continue;
            };
            let bytes = match path.to_str() {
                Some("Cargo.toml") => as_handed_out(&bytes, old),
                // What it has beyond the list is written by cargo.
                Some("Cargo.lock") => continue,
                _ => bytes,
            };
            if verdict::is_handed_out(&list, path, &bytes) {
                continue;
            }
            let why = if list.contains_key(&files::shown(path)) {
                "it is a given file that you have changed, and the new course's replaces it"
            } else {
                "it is in a folder of the course, and is no file of the new one"
            };
            misfits.push((path.clone(), why));
        }
        for (path, why) in misfits {
            self.misfit(&path, why);
        }
    }

    fn misfit(&mut self, path: &Path, why: &str) {
        self.misfits.entry(path.to_path_buf()).or_default().push(Misfit::file(why));
    }

    /// Finds exercises that the newer course does not have, or has something else in place of.
    fn progress(&mut self, root: &Path, old: &Listing, new: &Listing) -> Result<()> {
        let progress = Progress::load(root)?;
        for exercise in old.exercises().filter(|e| progress.state(e.id) != State::Open) {
            match new.exercise(exercise.id) {
                None => self.gone.push(exercise.id),
                Some(other) if !exercise.is_same(other) => self.reopened.push(exercise.id),
                Some(_) => {}
            }
        }
        if !self.reopened.is_empty() {
            progress.must_be_readable()?;
        }
        Ok(())
    }

    /// Leaves `Cargo.lock` as it is if nothing else changes: `cargo xtask use` has changed it.
    fn leave_lock(&mut self, root: &Path) {
        let lock = Path::new("Cargo.lock");
        if let (1, Some(Some(new))) = (self.changes.len(), self.changes.get(lock))
            && fs::read(root.join(lock)).is_ok_and(|old| has_same_crates(&old, new))
        {
            self.changes.clear();
        }
    }

    /// Rejects a tree with a file where the newer course has a folder, or the other way round.
    fn must_fit(&self, root: &Path) -> Result<()> {
        for path in self.changes.iter().filter_map(|(path, new)| new.as_ref().map(|_| path)) {
            ensure!(
                !root.join(path).is_dir(),
                "{0} is a folder here and a file in the new course. Move your {0} elsewhere and try again. Nothing was \
                 changed",
                files::shown(path)
            );
            let above = path.ancestors().skip(1).find(|folder| root.join(folder).is_file());
            if let Some(file) = above {
                bail!(
                    "{0} is a file here and a folder in the new course. Move your {0} elsewhere and try again. Nothing \
                     was changed",
                    files::shown(file)
                );
            }
        }
        Ok(())
    }
}

/// The files of the course's folders in a tree.
fn owned_files(root: &Path) -> Result<Tree> {
    let mut all = Tree::new();
    for folder in OWNED {
        let full = root.join(folder);
        if !full.is_dir() {
            continue;
        }
        let is_left_out = |path: &Path| {
            let is_target = path.file_name().is_some_and(|name| name == "target");
            is_target && full.join(path).is_dir()
                || is_written_by_tools(path)
                || is_loop(&full.join(path))
        };
        let tree = files::read_tree_without(&full, &is_left_out)?.into_iter();
        all.extend(tree.map(|(path, bytes)| (Path::new(folder).join(path), bytes)));
    }
    Ok(all)
}

/// Whether tools leave such a file beside the sources.
fn is_written_by_tools(path: &Path) -> bool {
    files::is_draft(path) || files::is_private(path)
}

/// Whether a link leads to a folder that it is in.
fn is_loop(path: &Path) -> bool {
    path.is_symlink()
        && fs::canonicalize(path).is_ok_and(|to| {
            path.parent()
                .and_then(|dir| fs::canonicalize(dir).ok())
                .is_some_and(|dir| dir.starts_with(to))
        })
}

/// The modules' files as they were handed out, by their path from the root. A tree from before `.pristine` has the
/// reference that the stubs were made from.
fn handed_out(root: &Path, there: &Tree) -> Result<Tree> {
    let of = |folder: &str| -> Tree {
        let files = there.iter().filter_map(|(path, bytes)| {
            let path = path.strip_prefix(folder).ok()?;
            let is_source = path.iter().nth(1).is_some_and(|second| second == "src");
            is_source.then(|| (Path::new("modules").join(path), bytes.clone()))
        });
        files.collect()
    };
    let mut stubs = of(PRISTINE);
    if stubs.is_empty() && !root.join(PRISTINE).exists() {
        stubs = of("solutions");
        for (path, bytes) in &mut stubs {
            let in_src: PathBuf = path.iter().skip(3).collect();
            if let Ok(text) = std::str::from_utf8(bytes) {
                let text = line_endings::unified(text);
                let stub = stub::of_file(&in_src, &text, &BTreeSet::new());
                *bytes = stub.with_context(|| files::shown(path))?.into_bytes();
            }
        }
    }
    let has_stubs = |dir: &String| {
        let src = Path::new("modules").join(dir).join("src");
        stubs.keys().any(|path| path.starts_with(&src))
    };
    let modules = there.keys().filter_map(|path| listed_in(path));
    if let Some(dir) = modules.into_iter().find(|dir| !has_stubs(dir)) {
        bail!(
            "this tree does not say how {dir} was handed out ({} is missing), so nobody can tell what you wrote in it. \
             Copy the folder {PRISTINE} from the course as you got it, and try again. Nothing was changed",
            files::shown(&Path::new(PRISTINE).join(&dir).join("src"))
        );
    }
    Ok(stubs)
}

/// Whether a file is in the `src` of a module with exercises.
fn is_in_exercises(path: &Path, base: &Tree) -> bool {
    let src: PathBuf = path.iter().take(3).collect();
    src.ends_with("src")
        && path.starts_with("modules")
        && base.keys().any(|stub| stub.starts_with(&src))
}

/// The same for the newer course.
fn is_stub(path: &Path, new: &NewCourse) -> bool {
    let mut dirs = new.listing.dirs();
    dirs.any(|dir| path.starts_with(Path::new("modules").join(dir).join("src")))
}

fn is_note(path: &Path) -> bool {
    path.starts_with(NOTES)
}

/// Whether the list of the judge's files has this one, or would have it.
fn is_judge(path: &Path) -> bool {
    const FOLDERS: [&str; 4] = ["modules", "tests", "xtask", ".cargo"];
    const OTHERS: [&str; 4] = ["tests/bugs", "tests/book", "xtask/author", "xtask/tests"];
    let is_in = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    let is_source =
        path.starts_with("modules") && path.iter().nth(2).is_some_and(|part| part == "src");
    let is_manifest = path == Path::new("Cargo.toml") || path == Path::new("Cargo.lock");
    is_manifest
        || is_in(&FOLDERS)
            && !is_in(&OTHERS)
            && (!is_source || path.starts_with("modules/protocol"))
}

/// The root's manifest, whoever's modules it uses.
fn as_handed_out(bytes: &[u8], old: &Listing) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).replace('\r', "");
    let modules = old.modules().unwrap_or_default();
    use_module::all_mine(&text, &modules).unwrap_or(text).into_bytes()
}

/// Whether two lock files have the same crates from elsewhere.
fn has_same_crates(old: &[u8], new: &[u8]) -> bool {
    let sums = |bytes: &[u8]| -> Vec<String> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().filter(|line| line.starts_with("checksum")).map(str::to_owned).collect()
    };
    sums(old) == sums(new)
}

/// The bytes of a file; `None` if there is none.
pub(super) fn read_if_there(root: &Path, path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(root.join(path)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(_) if !root.join(path).is_file() => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", files::shown(path))),
    }
}
