//! Carries out an update so that it can be interrupted at any moment and then finished.
//!
//! First, everything is written beside the tree: a copy of each file that will be replaced or removed, and the new
//! contents. One renaming of their folder to [`UNFINISHED`] decides that the update happens. From then on the new
//! files are moved into the tree, and whoever finds that folder moves those that are left. So an update that was
//! killed leaves the tree as it was, or can be finished, and needs neither the newer course nor more room for that.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use course::ExerciseId;

use super::plan::{Plan, read_if_there};
use super::report;
use crate::files::{self, KEPT};
use crate::lock::TreeLock;
use crate::progress::Progress;

/// The folder in [`KEPT`] of an update that is being written. It may be deleted.
const DRAFT: &str = "update.tmp";

/// The folder in [`KEPT`] of an update that must be finished.
const UNFINISHED: &str = "update.unfinished";

/// In it: what was replaced, what replaces it, and lists of what to remove and which exercises to open again.
const COPY: &str = "copy";
const NEW: &str = "new";
const REMOVED: &str = "removed.txt";
const REOPENED: &str = "reopened.txt";

/// The list of what has no place in the newer course, beside the copies.
pub(super) const LIST: &str = "NOT-MOVED.md";

/// What an update has left in [`KEPT`].
#[derive(Debug)]
pub(super) struct Finished {
    /// The folder with the copy.
    pub(super) kept: PathBuf,
    /// The folder with files that were changed after an update was interrupted.
    pub(super) kept_again: Option<PathBuf>,
}

/// Whether an update was interrupted in this tree.
pub(crate) fn is_unfinished(root: &Path) -> bool {
    root.join(KEPT).join(UNFINISHED).is_dir()
}

/// Writes everything that an update needs beside the tree. The caller holds the lock.
///
/// # Errors
/// If it cannot be written. Then nothing has changed.
pub(super) fn prepare(root: &Path, plan: &Plan) -> Result<()> {
    let draft = root.join(KEPT).join(DRAFT);
    let write = || -> Result<()> {
        remove_folder(&draft)?;
        for path in plan.changes.keys().map(PathBuf::as_path).chain([Path::new(".progress")]) {
            if let Some(bytes) = read_if_there(root, path)? {
                write_new(&draft.join(COPY).join(path), &bytes, is_learners(path))?;
            }
        }
        let list = report::list(plan);
        write_new(&draft.join(COPY).join(LIST), list.as_bytes(), true)?;
        for (path, new) in &plan.changes {
            if let Some(bytes) = new {
                write_new(&draft.join(NEW).join(path), bytes, is_learners(path))?;
            }
        }
        let removed = plan.changes.iter().filter(|(_, new)| new.is_none());
        let removed: Vec<String> = removed.map(|(path, _)| files::shown(path)).collect();
        write_new(&draft.join(REMOVED), removed.join("\n").as_bytes(), true)?;
        let reopened: Vec<String> = plan.reopened.iter().map(ToString::to_string).collect();
        write_new(&draft.join(REOPENED), reopened.join("\n").as_bytes(), true)?;
        fs::rename(&draft, root.join(KEPT).join(UNFINISHED))?;
        Ok(())
    };
    write().map_err(|error| {
        let _ = remove_folder(&draft);
        error.context("the update could not be prepared, and nothing was changed")
    })
}

/// Whether a file may have what cannot be had again.
fn is_learners(path: &Path) -> bool {
    path.starts_with("modules") || path == Path::new(".progress")
}

fn write_new(path: &Path, bytes: &[u8], durable: bool) -> Result<()> {
    let write = || -> io::Result<()> {
        fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
        let mut file = fs::File::create(path)?;
        file.write_all(bytes)?;
        if durable { file.sync_all() } else { Ok(()) }
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Removes a folder, if it is there.
fn remove_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

/// Carries out what [`prepare`] has written, or the rest of it. `None` if there is nothing to finish.
///
/// # Errors
/// If a file cannot be replaced or removed. What is done is done, and the rest can be finished later.
pub(super) fn finish(root: &Path, lock: TreeLock) -> Result<Option<Finished>> {
    let folder = root.join(KEPT).join(UNFINISHED);
    if !folder.is_dir() {
        return Ok(None);
    }
    let carried_out = carry_out(root, &folder).context(
        "The update is not finished. Repair this, and run the same command again: it goes on where it stopped",
    )?;
    // Progress is saved under the same lock.
    drop(lock);
    reopen(root, &folder)?;
    let kept = put_away(root, &folder)?;
    Ok(Some(Finished { kept, kept_again: carried_out }))
}

/// Moves the new files into the tree, and removes those that the newer course does not have. Returns where a copy of
/// files is that were changed after an update was interrupted.
fn carry_out(root: &Path, folder: &Path) -> Result<Option<PathBuf>> {
    let new = folder.join(NEW);
    let mut paths: Vec<PathBuf> =
        if new.is_dir() { files::read_tree(&new)?.into_keys().collect() } else { Vec::new() };
    paths.sort_by_key(|path| turn(path));
    let removed = lines(&folder.join(REMOVED))?;
    let removed: Vec<PathBuf> =
        removed.iter().map(PathBuf::from).filter(|path| is_there(&root.join(path))).collect();
    let changed: Vec<PathBuf> = paths
        .iter()
        .chain(&removed)
        .filter(|path| was_changed_since(root, folder, path))
        .cloned()
        .collect();
    let kept = if changed.is_empty() { None } else { Some(files::keep(root, "update", &changed)?) };
    for path in &paths {
        files::put_in_place(&new.join(path), &root.join(path))?;
    }
    for path in &removed {
        let full = root.join(path);
        fs::remove_file(&full).with_context(|| format!("cannot remove {}", full.display()))?;
        remove_empty_folders(root, path);
    }
    Ok(kept)
}

/// When a file has its turn. Cargo must be able to build the runner at any moment, so that an interrupted update can be
/// finished: what the runner is built from, and what says which packages there are, comes last and all at once.
fn turn(path: &Path) -> u8 {
    let is_of_runner = ["xtask", "tests/course", ".cargo"].iter().any(|dir| path.starts_with(dir));
    let is_manifest =
        path.file_name().is_some_and(|name| name == "Cargo.toml" || name == "Cargo.lock");
    u8::from(is_of_runner || is_manifest && !path.starts_with(crate::tree::PRISTINE))
}

/// Whether something is at a path, even if it is a link that leads nowhere.
fn is_there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a file is neither as it was when the update was prepared nor as it will be.
fn was_changed_since(root: &Path, folder: &Path, path: &Path) -> bool {
    let Ok(now) = fs::read(root.join(path)) else { return false };
    let is_as_in = |part: &str| fs::read(folder.join(part).join(path)).is_ok_and(|old| old == now);
    !is_as_in(COPY) && !is_as_in(NEW)
}

fn remove_empty_folders(root: &Path, path: &Path) {
    for folder in path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty()) {
        // Nothing is removed if there is a file in it.
        if fs::remove_dir(root.join(folder)).is_err() {
            return;
        }
    }
}

/// Exercises whose ids mean something else now are no longer done.
fn reopen(root: &Path, folder: &Path) -> Result<()> {
    let ids: BTreeSet<ExerciseId> =
        lines(&folder.join(REOPENED))?.iter().filter_map(|line| line.parse().ok()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut progress = Progress::load(root)?;
    for id in ids {
        progress.mark_open(id);
    }
    progress.save()
}

fn lines(path: &Path) -> Result<Vec<String>> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Moves the copy to its place. Returns that place.
fn put_away(root: &Path, folder: &Path) -> Result<PathBuf> {
    let copy = folder.join(COPY);
    // Killed after the copy was moved, before the rest was removed: it has a place already.
    if !copy.is_dir() {
        remove_folder(folder)?;
        return Ok(PathBuf::from(KEPT));
    }
    let kept = files::new_kept(root, "update")?;
    let place = root.join(&kept);
    // Windows renames nothing over a folder.
    fs::remove_dir(&place)
        .and_then(|()| fs::rename(&copy, &place))
        .with_context(|| format!("cannot write {}", place.display()))?;
    remove_folder(folder)?;
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, path: &str, text: &str) {
        write_new(&root.join(path), text.as_bytes(), false).unwrap();
    }

    fn read(root: &Path, path: &str) -> Option<String> {
        fs::read_to_string(root.join(path)).ok()
    }

    fn plan() -> Plan {
        let new = |path: &str, text: &str| (PathBuf::from(path), Some(text.as_bytes().to_vec()));
        let changes = [
            new("modules/a.rs", "new"),
            new("modules/b.rs", "new"),
            ("gone/x/c".into(), None),
            new("Cargo.toml", "new"),
        ];
        Plan { changes: changes.into(), reopened: vec!["1.2".parse().unwrap()], ..Plan::default() }
    }

    #[test]
    fn an_update_that_was_interrupted_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "modules/a.rs", "mine");
        write(root, "gone/x/c", "mine");
        write(root, "Cargo.toml", "old");
        write(root, ".progress", "done 1.1\ndone 1.2\n");
        prepare(root, &plan()).unwrap();
        assert_eq!(read(root, "modules/a.rs").as_deref(), Some("mine"));
        // Interrupted after the first file. Then the learner goes on.
        let unfinished = root.join(KEPT).join(UNFINISHED);
        files::put_in_place(&unfinished.join("new/modules/a.rs"), &root.join("modules/a.rs"))
            .unwrap();
        write(root, "modules/a.rs", "mine, on top of the new");
        write(root, "gone/x/c", "mine, and more");
        assert!(is_unfinished(root));
        let done = finish(root, TreeLock::take(root).unwrap()).unwrap().unwrap();
        assert_eq!(read(root, "modules/a.rs").as_deref(), Some("mine, on top of the new"));
        assert_eq!(read(root, "modules/b.rs").as_deref(), Some("new"));
        assert_eq!(read(root, "Cargo.toml").as_deref(), Some("new"));
        assert!(!root.join("gone").exists() && !is_unfinished(root));
        let kept = |path: &str| read(&root.join(&done.kept), path);
        assert_eq!(kept("modules/a.rs").as_deref(), Some("mine"));
        assert_eq!(kept("gone/x/c").as_deref(), Some("mine"));
        assert!(kept(LIST).is_some() && kept(".progress").unwrap().contains("1.2"));
        let again = root.join(done.kept_again.unwrap());
        assert_eq!(read(&again, "gone/x/c").as_deref(), Some("mine, and more"));
        let progress = read(root, ".progress").unwrap();
        assert!(progress.contains("done 1.1") && !progress.contains("done 1.2"), "{progress}");
        assert!(finish(root, TreeLock::take(root).unwrap()).unwrap().is_none());
    }

    #[test]
    fn what_the_runner_is_built_from_comes_last() {
        let turns = |path: &str| turn(Path::new(path));
        for path in
            ["xtask/src/a.rs", "tests/course/src/a.rs", "Cargo.lock", "modules/a/Cargo.toml"]
        {
            assert_eq!(turns(path), 1, "{path}");
        }
        for path in
            ["modules/a/src/a.rs", "tests/gates/a.rs", ".pristine/a/Cargo.toml", "docs/a.md"]
        {
            assert_eq!(turns(path), 0, "{path}");
        }
    }
}
