//! Files: reading, comparing and writing trees, and keeping copies.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

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

/// Writes a file completely or not at all: a reader finds the old text or the new one.
///
/// # Errors
/// If it cannot be written.
pub fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file must be in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let name = path.file_name().context("a file must have a name")?.to_string_lossy();
    let draft = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    written.with_context(|| {
        let _ = fs::remove_file(&draft);
        format!("cannot write {}", path.display())
    })
}

/// Writes a file if its content differs, so that cargo does not rebuild what depends on it. Returns whether it
/// did.
///
/// # Errors
/// If it cannot be written.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    write(path, bytes)?;
    Ok(true)
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
    let kept = root.join(".kept");
    let taken = if kept.is_dir() { names(&kept)? } else { Vec::new() };
    let number = |name: &String| name.split_once('-').and_then(|(n, _)| n.parse::<u32>().ok());
    let next = taken.iter().filter_map(number).max().unwrap_or(0) + 1;
    let folder = Path::new(".kept").join(format!("{next:03}-{what}"));
    for path in paths {
        let from = root.join(path);
        let bytes = fs::read(&from).with_context(|| format!("cannot read {}", from.display()))?;
        write(&root.join(&folder).join(path), &bytes)?;
    }
    Ok(folder)
}

/// Whether a path, relative to the root, belongs to one person's work in this tree: it is neither handed out
/// nor judged.
pub fn is_private(path: &Path) -> bool {
    let is_draft = path.extension().is_some_and(|end| end == "tmp" || end == "new");
    let private = [".git", "target", ".progress", ".kept"];
    is_draft || private.iter().any(|name| path == Path::new(name))
}

/// A path for a person to read: with `/` on every system.
pub fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A temporary folder of one test.
    struct Folder(PathBuf);
    impl Folder {
        fn new(name: &str) -> Self {
            let dir = std::env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&dir);
            fs::create_dir_all(&dir).unwrap();
            Folder(dir)
        }
    }
    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn syncing_removes_other_files_except_those_that_are_spared() {
        let folder = Folder::new("sync");
        for name in ["old/a", "spared/b", "same"] {
            write(&folder.0.join(name), b"x").unwrap();
        }
        let before = fs::metadata(folder.0.join("same")).unwrap().modified().unwrap();
        let tree = BTreeMap::from([
            (PathBuf::from("same"), b"x".to_vec()),
            (Path::new("new").join("c"), b"y".to_vec()),
        ]);
        sync_tree(&folder.0, &tree, &|path| path == Path::new("spared")).unwrap();
        let now: Vec<String> = read_tree(&folder.0).unwrap().keys().map(|p| shown(p)).collect();
        assert_eq!(now, ["new/c", "same", "spared/b"]);
        assert_eq!(fs::metadata(folder.0.join("same")).unwrap().modified().unwrap(), before);
    }

    #[test]
    fn a_copy_never_replaces_an_earlier_copy() {
        let folder = Folder::new("keep");
        write(&folder.0.join("src/a"), b"one").unwrap();
        let first = keep(&folder.0, "reset-1.2", &[PathBuf::from("src/a")]).unwrap();
        write(&folder.0.join("src/a"), b"two").unwrap();
        let second = keep(&folder.0, "reset-1.2", &[PathBuf::from("src/a")]).unwrap();
        assert_ne!(first, second);
        assert_eq!(fs::read(folder.0.join(first).join("src/a")).unwrap(), b"one");
        assert_eq!(fs::read(folder.0.join(second).join("src/a")).unwrap(), b"two");
    }
}
