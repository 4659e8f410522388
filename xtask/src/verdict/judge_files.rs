//! The files that the judge is built from, and whether they are as they were handed out.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use course::Module;

use super::digest::digest;
use crate::tree::{Course, PRISTINE};
use crate::{files, use_module};

/// The list of the judge's files, in [`PRISTINE`]: a line with digest and path for each.
pub const JUDGE_LIST: &str = "judge.txt";

const HEAD: &str = "# The files that judge the exercises, as they were handed out. `cargo xtask stubs` writes this list.\n";

/// What is not part of the judge: the tests of the lab itself, and the commands of its authors.
const NOT_THE_JUDGE: [&str; 5] =
    ["tests/bugs", "tests/book", "tests/viewer", "xtask/author", "xtask/tests"];

/// The files that the judge is built from, by their path from the root. What differs between systems or
/// with `cargo xtask use` is left out of their content.
pub(super) fn read(course: &Course) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let root = &course.root;
    let mut all = BTreeMap::new();
    let mut folders =
        vec![PathBuf::from("modules/protocol"), ".cargo".into(), "xtask".into(), "tests".into()];
    folders.extend(course.all().map(|module| module.learner().join("tests")));
    for folder in folders.into_iter().filter(|folder| root.join(folder).is_dir()) {
        let is_left_out = |path: &Path| {
            let path = folder.join(path);
            is_written_by_tools(&path) || NOT_THE_JUDGE.iter().any(|other| path == Path::new(other))
        };
        for (path, bytes) in files::read_tree_without(&root.join(&folder), &is_left_out)? {
            all.insert(folder.join(path), without_carriage_returns(bytes));
        }
    }
    for manifest in course.all().map(|module| module.learner().join("Cargo.toml")) {
        let bytes = fs::read(root.join(&manifest)).unwrap_or_default();
        all.insert(manifest, without_carriage_returns(bytes));
    }
    all.insert(
        "Cargo.toml".into(),
        root_manifest(root, &course.all().cloned().collect::<Vec<_>>())?,
    );
    all.insert("Cargo.lock".into(), locked_crates(root));
    Ok(all)
}

/// Whether tools leave such a file beside the sources.
fn is_written_by_tools(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    [".tmp", ".snap.new", ".pending-snap"].iter().any(|end| name.ends_with(end)) || name == "target"
}

fn without_carriage_returns(bytes: Vec<u8>) -> Vec<u8> {
    if !bytes.contains(&b'\r') {
        return bytes;
    }
    bytes.into_iter().filter(|&byte| byte != b'\r').collect()
}

/// The root's manifest, whoever's modules it uses.
fn root_manifest(root: &Path, modules: &[Module]) -> Result<Vec<u8>> {
    let text = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let text = text.replace('\r', "");
    Ok(use_module::all_mine(&text, modules)?.into_bytes())
}

/// The checksums of the crates that the lab uses. `cargo xtask use` changes the rest of the lock file.
fn locked_crates(root: &Path) -> Vec<u8> {
    let text = fs::read_to_string(root.join("Cargo.lock")).unwrap_or_default();
    let lines = text.lines().filter(|line| line.starts_with("checksum"));
    lines.flat_map(|line| [line, "\n"]).collect::<String>().into_bytes()
}

/// The list of the judge's files as they are now.
///
/// # Errors
/// If one of them cannot be read.
pub fn judge_list(course: &Course) -> Result<String> {
    let mut list = HEAD.to_owned();
    for (path, bytes) in read(course)? {
        list += &line(&path, &bytes);
    }
    Ok(list)
}

fn line(path: &Path, bytes: &[u8]) -> String {
    format!("{} {}\n", sum(bytes), files::shown(path))
}

/// The digest of a file as the list has it. Its lines end with `\n`.
fn sum(bytes: &[u8]) -> String {
    format!("{:032x}", digest([bytes]))
}

/// The digests of the judge's files as they were handed out, by their path; `None` if the tree has no list of them.
pub(crate) fn handed_out(root: &Path) -> Option<BTreeMap<String, String>> {
    let list = fs::read_to_string(root.join(PRISTINE).join(JUDGE_LIST)).ok()?;
    let entry =
        |line: &str| line.split_once(' ').map(|(sum, path)| (path.to_owned(), sum.to_owned()));
    Some(list.lines().filter(|line| !line.starts_with('#')).filter_map(entry).collect())
}

/// Whether a file of the judge is as it was handed out, except for the endings of its lines.
pub(crate) fn is_handed_out(list: &BTreeMap<String, String>, path: &Path, bytes: &[u8]) -> bool {
    let sum = sum(&without_carriage_returns(bytes.to_vec()));
    list.get(&files::shown(path)) == Some(&sum)
}

/// The judge's files that are not as they were handed out: changed, added or removed. None if the tree has no
/// list of them.
pub(super) fn changed(course: &Course, files: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let Some(mut handed_out) = handed_out(&course.root) else { return Vec::new() };
    let mut changed = Vec::new();
    for (path, bytes) in files {
        let path = files::shown(path);
        if handed_out.remove(&path) != Some(sum(bytes)) {
            changed.push(path);
        }
    }
    changed.extend(handed_out.into_keys());
    changed.sort();
    changed
}
