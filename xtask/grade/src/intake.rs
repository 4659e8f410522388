//! What of a submission is judged: the files in `src` of the exercise modules, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use course::Module;
use serde::{Deserialize, Serialize};
use xtask::archive;
use xtask::files::{self, Tree};

/// What a submission may have at most, in bytes and in files. The reference has a tenth of it.
const MOST_BYTES: usize = 1 << 20;
const MOST_FILES: usize = 500;

/// What an archive may expand to: students hand in whole trees, with build output in them.
const MOST_IN_ARCHIVE: u64 = 512 << 20;

/// How deep in a folder or archive the tree is looked for.
const DEEPEST_ROOT: usize = 3;

/// What of a submission is judged.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Intake {
    /// The files, by their path from the root of the tree.
    pub(crate) files: Tree,
    /// What was in the folders of exercises and is not judged.
    pub(crate) rejected: Vec<Rejected>,
}

/// A file that is not judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rejected {
    pub(crate) path: String,
    pub(crate) reason: String,
}

/// Where exercises are written, and which kinds of files are there.
pub(crate) struct Places {
    /// `modules/02-election/src`, and the endings of its stubs.
    folders: BTreeMap<PathBuf, BTreeSet<String>>,
}

impl Places {
    /// The places of these modules. `stubs` are the paths of the stubs, from the root.
    pub(crate) fn new<'a>(modules: impl Iterator<Item = &'a Module>, stubs: &[PathBuf]) -> Self {
        let folder = |module: &Module| {
            let src = module.learner().join("src");
            let endings = stubs
                .iter()
                .filter(|path| path.starts_with(&src))
                .map(|path| ending(path))
                .collect();
            (src, endings)
        };
        Places { folders: modules.map(folder).collect() }
    }

    /// The folder of an exercise that a path is in.
    fn of(&self, path: &Path) -> Option<(&PathBuf, &BTreeSet<String>)> {
        self.folders.iter().find(|(folder, _)| path.starts_with(folder))
    }
}

fn ending(path: &Path) -> String {
    path.extension().unwrap_or_default().to_string_lossy().into_owned()
}

/// Reads a submission: a folder, an archive, or a git bundle.
///
/// # Errors
/// If it cannot be read, has no tree of this course, or is larger than any submission. The message is for the student
/// as well.
pub(crate) fn read(path: &Path, places: &Places) -> Result<Intake> {
    let kind = fs::symlink_metadata(path)
        .with_context(|| format!("{} cannot be read", path.display()))?
        .file_type();
    ensure!(!kind.is_symlink(), "{} is a link, and not a submission", path.display());
    if kind.is_dir() {
        return in_folder(path, places);
    }
    if ending(path) == "bundle" {
        return in_bundle(path, places);
    }
    let mut tree = archive::read(path, MOST_IN_ARCHIVE)?;
    let root = root_of(tree.keys().map(PathBuf::as_path), places).ok_or_else(no_tree)?;
    let mut intake = Intake::default();
    for (path, bytes) in std::mem::take(&mut tree) {
        if let Ok(path) = path.strip_prefix(&root) {
            intake.take(path, bytes, places);
        }
    }
    intake.within_limits()
}

fn no_tree() -> anyhow::Error {
    anyhow!("it has no folder modules/ with an exercise of this course in it")
}

/// The folder in which the tree is: the parent of `modules`, if a place is in there. The outermost one counts.
fn root_of<'a>(paths: impl Iterator<Item = &'a Path>, places: &Places) -> Option<PathBuf> {
    let root = |path: &'a Path| {
        let parts = path.ancestors().skip(1);
        let modules = parts.filter(|parent| parent.file_name().is_some_and(|n| n == "modules"));
        let mut roots = modules.filter_map(Path::parent);
        roots.find(|root| path.strip_prefix(root).is_ok_and(|path| places.of(path).is_some()))
    };
    let roots = paths.filter_map(root).filter(|root| root.components().count() <= DEEPEST_ROOT);
    roots.min_by_key(|root| root.components().count()).map(Path::to_path_buf)
}

fn in_folder(folder: &Path, places: &Places) -> Result<Intake> {
    let root = tree_in(folder, places, 0)?.ok_or_else(no_tree)?;
    let mut intake = Intake::default();
    for place in places.folders.keys() {
        intake.walk(&root, place, places)?;
    }
    intake.within_limits()
}

/// The tree in a folder: the folder itself, or the first one below it that has an exercise.
fn tree_in(folder: &Path, places: &Places, depth: usize) -> Result<Option<PathBuf>> {
    if places.folders.keys().any(|place| folder.join(place).is_dir()) {
        return Ok(Some(folder.to_path_buf()));
    }
    if depth == DEEPEST_ROOT {
        return Ok(None);
    }
    for name in files::names(folder)? {
        let inner = folder.join(name);
        let is_folder = fs::symlink_metadata(&inner).is_ok_and(|kind| kind.is_dir());
        if is_folder && let Some(found) = tree_in(&inner, places, depth + 1)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The newest commit of a bundle, as git itself writes it to an archive.
fn in_bundle(path: &Path, places: &Places) -> Result<Intake> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let clone = folder.path().join("clone");
    git(&["clone", "--quiet", "--bare", "--no-local"], &[path, &clone])?;
    let archived = folder.path().join("tree.tar");
    let repository = format!("--git-dir={}", clone.display());
    let output = format!("--output={}", archived.display());
    git(&[&repository, "archive", "--format=tar", &output, "HEAD"], &[])?;
    read(&archived, places)
}

/// Runs git without the user's and the system's configuration.
fn git(words: &[&str], paths: &[&Path]) -> Result<()> {
    let output = Command::new("git")
        .args(words)
        .args(paths)
        .env("GIT_CONFIG_GLOBAL", "")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .context("cannot run git, which reads bundles; install it")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    ensure!(output.status.success(), "git cannot read the bundle:\n{}", said.trim_end());
    Ok(())
}

impl Intake {
    /// Takes the files below a folder of the tree in `root`.
    fn walk(&mut self, root: &Path, folder: &Path, places: &Places) -> Result<()> {
        let full = root.join(folder);
        // A link in place of a folder leads anywhere.
        match fs::symlink_metadata(&full) {
            Err(_) => return Ok(()),
            Ok(kind) if !kind.is_dir() => {
                self.reject(folder, "it is no folder");
                return Ok(());
            }
            Ok(_) => {}
        }
        for name in files::names(&full)? {
            let path = folder.join(&name);
            let full = full.join(&name);
            let kind = fs::symlink_metadata(&full)
                .with_context(|| format!("cannot read {}", full.display()))?;
            if kind.is_dir() {
                self.walk(root, &path, places)?;
            } else if kind.is_file() {
                // Not even read: a file may be larger than the memory.
                if kind.len() > MOST_BYTES as u64 {
                    bail!("{} has more than 1 MB", files::shown(&path));
                }
                let bytes =
                    fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
                self.take(&path, bytes, places);
            } else {
                self.reject(&path, "it is a link or a device, and only files are judged");
            }
            ensure!(self.files.len() <= MOST_FILES, too_many());
        }
        Ok(())
    }

    /// Takes a file, if it belongs to an exercise.
    fn take(&mut self, path: &Path, bytes: Vec<u8>, places: &Places) {
        let Some((_, endings)) = places.of(path) else { return };
        if endings.contains(&ending(path)) {
            self.files.insert(path.to_path_buf(), bytes);
        } else {
            self.reject(path, "no exercise has a file of this kind");
        }
    }

    fn reject(&mut self, path: &Path, reason: &str) {
        let (path, reason) = (files::shown(path), reason.to_owned());
        self.rejected.push(Rejected { path, reason });
    }

    fn within_limits(self) -> Result<Self> {
        ensure!(self.files.len() <= MOST_FILES, too_many());
        let bytes: usize = self.files.values().map(Vec::len).sum();
        ensure!(bytes <= MOST_BYTES, "its exercises have {bytes} bytes, and 1 MB is the limit");
        ensure!(!self.files.is_empty(), no_tree());
        Ok(self)
    }
}

fn too_many() -> String {
    format!("its exercises have more than {MOST_FILES} files")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places() -> Places {
        let endings = ["rs", "scenario"].map(str::to_owned);
        Places { folders: BTreeMap::from([("modules/02-a/src".into(), endings.into())]) }
    }

    fn write(root: &Path, path: &str, text: &str) {
        files::write(&root.join(path), text.as_bytes()).unwrap();
    }

    fn names(intake: &Intake) -> Vec<String> {
        intake.files.keys().map(|path| files::shown(path)).collect()
    }

    #[test]
    fn only_files_of_exercises_are_judged_wherever_the_tree_is() {
        for root in ["", "raft-lab-main/", "work/raft lab/"] {
            let folder = tempfile::tempdir().unwrap();
            let write = |path: &str| write(folder.path(), &format!("{root}{path}"), "x");
            for path in [
                "modules/02-a/src/vote.rs",
                "modules/02-a/src/deep/own.scenario",
                "modules/02-a/src/.DS_Store",
                "modules/02-a/Cargo.toml",
                "modules/protocol/src/lib.rs",
                "tests/02-a/suite.rs",
            ] {
                write(path);
            }
            let intake = read(folder.path(), &places()).unwrap();
            assert_eq!(
                names(&intake),
                ["modules/02-a/src/deep/own.scenario", "modules/02-a/src/vote.rs"]
            );
            assert_eq!(intake.rejected.len(), 1);
            assert_eq!(intake.rejected[0].path, "modules/02-a/src/.DS_Store");
        }
    }

    #[test]
    fn a_submission_without_a_tree_or_beyond_the_limits_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "vote.rs", "x");
        let said = |folder: &Path| format!("{:#}", read(folder, &places()).unwrap_err());
        assert!(said(folder.path()).contains("no folder modules/"));
        write(folder.path(), "modules/02-a/src/a.rs", &"x".repeat(MOST_BYTES + 1));
        assert!(said(folder.path()).contains("more than 1 MB"));
        write(folder.path(), "modules/02-a/src/a.rs", &"x".repeat(MOST_BYTES));
        write(folder.path(), "modules/02-a/src/b.rs", "x");
        assert!(said(folder.path()).contains("1 MB is the limit"));
        for number in 0..=MOST_FILES {
            write(folder.path(), &format!("modules/02-a/src/{number}.rs"), "");
        }
        assert!(said(folder.path()).contains("more than 500 files"));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), "ada/modules/02-a/src/a.rs", "x");
        write(folder.path(), "secret.rs", "x");
        symlink(folder.path().join("secret.rs"), folder.path().join("ada/modules/02-a/src/b.rs"))
            .unwrap();
        let intake = read(&folder.path().join("ada"), &places()).unwrap();
        assert_eq!(names(&intake), ["modules/02-a/src/a.rs"]);
        assert_eq!(intake.rejected[0].path, "modules/02-a/src/b.rs");
        symlink(folder.path().join("ada"), folder.path().join("eve")).unwrap();
        assert!(read(&folder.path().join("eve"), &places()).is_err());
        // A link in place of `src`.
        fs::create_dir_all(folder.path().join("bob/modules/02-a")).unwrap();
        let src = folder.path().join("ada/modules/02-a/src");
        symlink(src, folder.path().join("bob/modules/02-a/src")).unwrap();
        assert!(read(&folder.path().join("bob"), &places()).is_err());
    }

    #[test]
    fn a_git_bundle_has_its_newest_commit() {
        let folder = tempfile::tempdir().unwrap();
        let work = folder.path().join("work");
        write(&work, "modules/02-a/src/a.rs", "x");
        let git = |words: &[&str]| {
            let identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
            let output =
                Command::new("git").current_dir(&work).args(identity).args(words).output().unwrap();
            assert!(output.status.success(), "{output:?}");
        };
        git(&["init", "--quiet", "--initial-branch=main"]);
        git(&["add", "."]);
        git(&["commit", "--quiet", "--message=a"]);
        git(&["bundle", "create", "--quiet", "../ada.bundle", "HEAD", "main"]);
        let intake = read(&folder.path().join("ada.bundle"), &places()).unwrap();
        assert_eq!(names(&intake), ["modules/02-a/src/a.rs"]);
        fs::write(folder.path().join("bad.bundle"), "no bundle").unwrap();
        let said = read(&folder.path().join("bad.bundle"), &places()).unwrap_err().to_string();
        assert!(said.contains("git cannot read the bundle"), "{said}");
    }
}
