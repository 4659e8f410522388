//! Files: trees that are read, compared and written, and copies that are kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The names of what is in a folder, sorted.
pub(crate) fn names(dir: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(dir).with_context(|| format!("cannot read {}", dir.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read {}", dir.display()))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// All files below a folder: their bytes, by their path in it.
pub(crate) fn read_tree(dir: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    read_tree_without(dir, &|_| false)
}

/// All files below a folder but those that `leave_out` says, which is asked about folders too.
pub(crate) fn read_tree_without(
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

/// Writes a file whole or not at all: whoever reads it meanwhile finds the old or the new one.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file stands in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let name = path.file_name().context("a file has a name")?.to_string_lossy();
    let draft = folder.join(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::write(&draft, bytes).and_then(|()| fs::rename(&draft, path));
    written.with_context(|| {
        let _ = fs::remove_file(&draft);
        format!("cannot write {}", path.display())
    })
}

/// Writes a file if its content is another, so that what is built from it need not be built again.
/// Says whether it did.
pub(crate) fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if fs::read(path).is_ok_and(|old| old == bytes) {
        return Ok(false);
    }
    write(path, bytes)?;
    Ok(true)
}

/// Makes `dir` hold the files of `tree` and no others; those that are right already stay untouched.
/// `spare` names files and folders in it that are none of our business.
pub(crate) fn sync_tree(
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

/// Puts copies of files aside, in a new folder below `.kept`; gives that folder, relative to the
/// root. `paths` are relative to the root, too.
pub(crate) fn keep(root: &Path, what: &str, paths: &[PathBuf]) -> Result<PathBuf> {
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

/// A path as we print it: with `/` on every system.
pub(crate) fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder of this test alone, gone when the test is over.
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
    fn a_synced_tree_loses_what_is_not_in_it_and_keeps_what_is_spared() {
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
    fn what_is_kept_never_takes_the_place_of_what_was_kept_before() {
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
