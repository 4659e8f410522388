//! A copy of the lab, for tests that run the real programs on it.

// Each file of tests uses a part of this.
#![allow(dead_code)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The file that runners lock.
const LOCK: &str = ".progress.lock";

/// A copy of the lab, deleted after a test that passes.
pub(crate) struct Lab(pub(crate) PathBuf);

impl Lab {
    /// Copies the lab to `root`, without what building, working and committing leave in it.
    pub(crate) fn copied(origin: &Path, root: PathBuf) -> Self {
        let _ = fs::remove_dir_all(&root);
        copy(origin, &root, &["target", ".git", ".kept", ".progress", LOCK]);
        Lab(root)
    }

    /// Writes a file of the copy.
    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::write(self.0.join(path), text).unwrap();
    }

    /// All files with their bytes, without the empty file that runners lock.
    pub(crate) fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let mut tree = BTreeMap::new();
        collect(&self.0, "", &mut tree);
        tree.remove(LOCK);
        tree
    }

    /// Every file is as it was. Otherwise, says which ones are not.
    pub(crate) fn assert_unchanged(&self, before: &BTreeMap<String, Vec<u8>>) {
        let after = self.tree();
        let all = before.keys().chain(after.keys());
        let differ: BTreeSet<&String> =
            all.filter(|path| before.get(*path) != after.get(*path)).collect();
        assert!(differ.is_empty(), "these files are not as before: {differ:?}");
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.0);
        }
    }
}

/// Copies a folder without these entries; below it, only `target` is left out.
fn copy(from: &Path, to: &Path, without: &[&str]) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if without.iter().any(|other| name == *other) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(name), &["target"]);
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// Reads all files of a folder, each under its path from `root`.
fn collect(root: &Path, folder: &str, tree: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{folder}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            collect(root, &format!("{name}/"), tree);
        } else {
            tree.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}
