//! Files: reading, comparing and writing trees, and keeping copies.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::NamedTempFile;

/// Files with their bytes, by their path.
pub type Tree = BTreeMap<PathBuf, Vec<u8>>;

/// New contents by path; `None` for a file to remove.
pub(crate) type Changes = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// How the name of a draft ends. It begins with a dot.
const DRAFT: &str = ".tmp";

/// The folder at the root with copies of what commands have replaced.
pub(crate) const KEPT: &str = ".kept";

/// As many links as Linux follows.
const MOST_LINKS: usize = 40;

/// The names in a folder, sorted.
///
/// # Errors
/// If it cannot be read.
pub fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", dir.display()))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// All files in a folder and its subfolders: their bytes, by their path in it.
///
/// # Errors
/// If something cannot be read.
pub fn read_tree(dir: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    read_tree_without(dir, &|_| false)
}

/// The same, without the files and folders that `leave_out` names.
///
/// # Errors
/// If something cannot be read.
pub fn read_tree_without(
    dir: &Path,
    leave_out: &dyn Fn(&Path) -> bool,
) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut tree = BTreeMap::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for name in names(&dir.join(&folder))? {
            let path = folder.join(name);
            let full = dir.join(&path);
            if leave_out(&path) {
                continue;
            }
            if full.is_dir() {
                open.push(path);
            } else {
                let bytes =
                    fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
                tree.insert(path, bytes);
            }
        }
    }
    Ok(tree)
}

/// Writes a file completely or not at all: a reader finds the old text or the new one, even after a power cut.
/// If the path is a link, the file that it leads to is written. The file keeps its permissions.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, true).with_context(|| format!("cannot write {}", path.display()))
}

/// The same for a file that can be made again: it is not forced to the disk, which takes milliseconds.
fn write_generated(path: &Path, bytes: &[u8]) -> Result<()> {
    replace(path, bytes, false).with_context(|| format!("cannot write {}", path.display()))
}

fn replace(path: &Path, bytes: &[u8], durable: bool) -> Result<()> {
    let path = &destination(path)?;
    let folder = path.parent().context("a file must be in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let name = path.file_name().context("a file must have a name")?.to_string_lossy();
    // Removed when dropped: an error leaves no draft.
    let mut draft = draft_of(&name, folder)?;
    draft.write_all(bytes)?;
    if let Ok(old) = fs::metadata(path) {
        draft.as_file().set_permissions(old.permissions())?;
    }
    if durable {
        // Otherwise a power cut can leave the new name with an empty file.
        draft.as_file().sync_all()?;
    }
    Ok(persist(draft, path)?)
}

/// How often a rename is tried on Windows, and how long the pause between two attempts is. Together they are two
/// seconds.
const RENAMES: u32 = 100;
const RENAME_PAUSE: Duration = Duration::from_millis(20);

/// Renames a draft over a file. Windows denies that as long as another process has the old file open: another
/// runner that reads it, an editor, a virus scanner. None of them keeps it open for long.
fn persist(mut draft: NamedTempFile, path: &Path) -> io::Result<()> {
    let mut left = if cfg!(windows) { RENAMES } else { 1 };
    loop {
        left -= 1;
        draft = match draft.persist(path) {
            Ok(_) => return Ok(()),
            Err(denied) if left > 0 && denied.error.kind() == io::ErrorKind::PermissionDenied => {
                denied.file
            }
            Err(other) => return Err(other.error),
        };
        thread::sleep(RENAME_PAUSE);
    }
}

/// Moves a file that is written already to `path`, where it replaces another at once. If the path is a link, the file
/// that it leads to is replaced. The file that was there hands on its permissions.
///
/// # Errors
/// If it cannot be moved.
pub(crate) fn put_in_place(new: &Path, path: &Path) -> Result<()> {
    let put = || -> Result<()> {
        let place = &destination(path)?;
        let folder = place.parent().context("a file must be in a folder")?;
        fs::create_dir_all(folder)?;
        if let Ok(old) = fs::metadata(place) {
            fs::set_permissions(new, old.permissions())?;
        }
        match fs::rename(new, place) {
            // A link leads to another disk.
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => {
                replace(place, &fs::read(new)?, true)?;
                Ok(fs::remove_file(new)?)
            }
            done => Ok(done?),
        }
    };
    put().with_context(|| format!("cannot write {}", path.display()))
}

/// An empty file beside the one called `name`, with the permissions of any new file.
fn draft_of(name: &str, folder: &Path) -> io::Result<NamedTempFile> {
    let prefix = format!(".{name}.");
    let mut draft = tempfile::Builder::new();
    draft.prefix(&prefix).suffix(DRAFT);
    #[cfg(unix)]
    draft.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    draft.tempfile_in(folder)
}

/// Where links lead, even if there is no file yet.
fn destination(path: &Path) -> Result<PathBuf> {
    let mut place = path.to_path_buf();
    for _ in 0..MOST_LINKS {
        let Ok(link) = fs::read_link(&place) else { return Ok(place) };
        place = place.parent().unwrap_or(Path::new("")).join(link);
    }
    bail!("it is a link in a circle of links")
}

/// Writes a file that can be made again if its content differs, so that cargo does not rebuild what depends on
/// it.
///
/// # Errors
/// If it cannot be written.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<()> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(());
    }
    write_generated(path, bytes)
}

/// Whether a file is a draft, left by a runner that was killed.
pub fn is_draft(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') && name.ends_with(DRAFT)
}

/// Removes the drafts in the root and in a folder of it, with its subfolders. They are copies of a new
/// text, or parts of such copies. The caller holds the lock, so no other runner is writing one.
///
/// # Errors
/// If a folder cannot be read, or a draft cannot be removed.
pub(crate) fn sweep(root: &Path, folder: &Path) -> Result<()> {
    let mut all: Vec<PathBuf> = names(root)?.into_iter().map(PathBuf::from).collect();
    if root.join(folder).is_dir() {
        all.extend(read_tree(&root.join(folder))?.into_keys().map(|path| folder.join(path)));
    }
    for path in all.iter().filter(|path| is_draft(path)) {
        let path = root.join(path);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Makes `dir` contain the files of `tree` and no others. Files that are up to date are not touched, and
/// neither is anything that `spare` names.
///
/// # Errors
/// If something cannot be read, written or removed.
pub fn sync_tree(
    dir: &Path,
    tree: &BTreeMap<PathBuf, Vec<u8>>,
    spare: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    if dir.is_dir() {
        for path in read_tree_without(dir, spare)?.keys().filter(|path| !tree.contains_key(*path)) {
            let path = dir.join(path);
            fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    for (path, bytes) in tree {
        write_if_changed(&dir.join(path), bytes)?;
    }
    Ok(())
}

/// Copies files to a new folder in `.kept`, and returns that folder. All paths are relative to the root.
///
/// # Errors
/// If something cannot be read or written.
pub fn keep(root: &Path, what: &str, paths: &[PathBuf]) -> Result<PathBuf> {
    let folder = new_kept(root, what)?;
    for path in paths {
        let from = root.join(path);
        let bytes = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        write(&root.join(&folder).join(path), &bytes)?;
    }
    Ok(folder)
}

/// Makes a new folder in `.kept`, and returns its path from the root.
///
/// # Errors
/// If it cannot be made.
pub(crate) fn new_kept(root: &Path, what: &str) -> Result<PathBuf> {
    let kept = root.join(KEPT);
    fs::create_dir_all(&kept).with_context(|| format!("cannot create {}", kept.display()))?;
    let number = |name: &String| name.split_once('-').and_then(|(n, _)| n.parse::<u32>().ok());
    let mut next = names(&kept)?.iter().filter_map(number).max().unwrap_or(0) + 1;
    loop {
        let folder = Path::new(KEPT).join(format!("{next:03}-{what}"));
        match fs::create_dir(root.join(&folder)) {
            Ok(()) => return Ok(folder),
            // Another runner was faster. A copy never replaces another one.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => next += 1,
            Err(error) => {
                return Err(error).with_context(|| format!("cannot create {}", folder.display()));
            }
        }
    }
}

/// Whether a path, relative to the root, belongs to one person's work in this tree: it is neither handed out
/// nor judged.
pub fn is_private(path: &Path) -> bool {
    let is_draft = path.extension().is_some_and(|end| end == "tmp" || end == "new");
    let private = [".git", "target", ".progress", ".progress.lock", ".kept"];
    is_draft || private.iter().any(|name| path == Path::new(name))
}

/// A path from a folder, as a link names it: without `..` where that is possible.
pub fn joined(folder: &Path, path: &str) -> PathBuf {
    let mut place = PathBuf::new();
    for part in folder.join(path).components() {
        match part {
            Component::ParentDir if place.file_name().is_some() => {
                place.pop();
            }
            other => place.push(other),
        }
    }
    place
}

/// A path for a person to read: one in the tree with `/` on every system, another one as the system writes it.
pub fn shown(path: &Path) -> String {
    if path.is_absolute() {
        return path.display().to_string();
    }
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder of one test.
    struct Folder(tempfile::TempDir);
    impl Folder {
        fn new() -> Self {
            Folder(tempfile::tempdir().unwrap())
        }
        fn join(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }
    }

    #[test]
    fn syncing_removes_other_files_except_those_that_are_spared() {
        let folder = Folder::new();
        for name in ["old/a", "spared/b", "same"] {
            write(&folder.join(name), b"x").unwrap();
        }
        let before = fs::metadata(folder.join("same")).unwrap().modified().unwrap();
        let tree = BTreeMap::from([
            (PathBuf::from("same"), b"x".to_vec()),
            (Path::new("new").join("c"), b"y".to_vec()),
        ]);
        sync_tree(folder.0.path(), &tree, &|path| path == Path::new("spared")).unwrap();
        let now: Vec<String> =
            read_tree(folder.0.path()).unwrap().keys().map(|p| shown(p)).collect();
        assert_eq!(now, ["new/c", "same", "spared/b"]);
        assert_eq!(fs::metadata(folder.join("same")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_copy_never_replaces_an_earlier_copy() {
        let folder = Folder::new();
        write(&folder.join("src/a"), b"one").unwrap();
        let first = keep(folder.0.path(), "reset-1.2", &[PathBuf::from("src/a")]).unwrap();
        write(&folder.join("src/a"), b"two").unwrap();
        let second = keep(folder.0.path(), "reset-1.2", &[PathBuf::from("src/a")]).unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read(folder.0.path().join(first).join("src/a")).unwrap(), b"one");
        assert_eq!(fs::read(folder.0.path().join(second).join("src/a")).unwrap(), b"two");
    }

    #[test]
    fn two_runners_never_keep_their_copies_in_the_same_folder() {
        let folder = Folder::new();
        write(&folder.join("a"), b"x").unwrap();
        let kept: Vec<PathBuf> = std::thread::scope(|scope| {
            let keep = || keep(folder.0.path(), "reset-1.2", &["a".into()]).unwrap();
            let all: Vec<_> = (0..8).map(|_| scope.spawn(keep)).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let different: std::collections::BTreeSet<&PathBuf> = kept.iter().collect();
        assert_eq!(different.len(), 8, "{kept:?}");
    }

    #[test]
    fn a_file_that_cannot_be_written_leaves_no_draft() {
        let folder = Folder::new();
        fs::create_dir_all(folder.join("taken/by-a-folder")).unwrap();
        let error = format!("{:#}", write(&folder.join("taken"), b"x").unwrap_err());
        assert!(error.contains("cannot write"), "{error}");
        assert_eq!(names(folder.0.path()).unwrap(), ["taken"]);
    }

    #[test]
    fn drafts_are_swept_and_are_private() {
        let folder = Folder::new();
        for name in ["a/b/.vote.rs.123.tmp", "a/b/vote.rs", "a/b/notes.tmp", ".x.tmp", "c/.x.tmp"] {
            write(&folder.join(name), b"x").unwrap();
        }
        sweep(folder.0.path(), Path::new("a")).unwrap();
        let left: Vec<String> =
            read_tree(folder.0.path()).unwrap().keys().map(|p| shown(p)).collect();
        assert_eq!(left, ["a/b/notes.tmp", "a/b/vote.rs", "c/.x.tmp"]);
        assert!(is_private(Path::new("modules/.vote.rs.x1.tmp")));
    }

    #[cfg(unix)]
    #[test]
    fn a_link_stays_a_link_and_a_file_keeps_its_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};

        let folder = Folder::new();
        write(&folder.join("real/a"), b"old").unwrap();
        fs::set_permissions(folder.join("real/a"), PermissionsExt::from_mode(0o640)).unwrap();
        symlink("real/a", folder.join("link")).unwrap();
        symlink("real/new", folder.join("ahead")).unwrap();
        symlink("circle", folder.join("circle")).unwrap();
        for name in ["link", "ahead"] {
            write(&folder.join(name), b"new").unwrap();
            assert!(folder.join(name).is_symlink(), "{name} is no longer a link");
        }
        assert_eq!(fs::read(folder.join("real/a")).unwrap(), b"new");
        assert_eq!(fs::read(folder.join("real/new")).unwrap(), b"new");
        let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode();
        assert_eq!(mode("real/a") & 0o777, 0o640);
        // A new file may be read by everyone who may read any new file.
        fs::write(folder.join("plain"), "").unwrap();
        assert_eq!(mode("real/new"), mode("plain"));
        let error = format!("{:#}", write(&folder.join("circle"), b"x").unwrap_err());
        assert!(error.contains("circle of links"), "{error}");
    }
}
