//! What a handout has for the platforms that run it: workflows, a container to develop in, and Gradescope's autograder.
//!
//! The files are in `xtask/grade/handout`, which handouts lack.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::DeflateEncoder;
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::contents::{self, Contents, GRADER};
use crate::archive;
use crate::files::{self, Tree};
use crate::tree::Course;

/// A platform that a handout can be made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    GitHub,
    GitLab,
    Gradescope,
    DevContainer,
}

/// The words for them on the command line.
pub(crate) const NAMES: [&str; 4] = ["github", "gitlab", "gradescope", "devcontainer"];

/// What a template has in the place of the options for `grade`.
const MARK: &str = "GRADE_OPTIONS";

/// Where the options for `grade` are in Gradescope's autograder.
const OPTIONS: &str = "options";

/// More than any autograder has, in bytes.
const MOST_BYTES: u64 = 256 << 20;

/// The programs of Gradescope's autograder, which it finds by their names.
const PROGRAMS: [&str; 2] = ["setup.sh", "run_autograder"];

impl Platform {
    /// Reads one of [`NAMES`], which is all that the command line accepts.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "github" => Platform::GitHub,
            "gitlab" => Platform::GitLab,
            "gradescope" => Platform::Gradescope,
            _ => Platform::DevContainer,
        }
    }

    /// Whether the learner's tree must be able to grade itself.
    pub(super) fn grades_in_the_tree(self) -> bool {
        matches!(self, Platform::GitHub | Platform::GitLab)
    }

    /// The file that is added to the learner's tree: its name in the templates, and its place. Gradescope's is apart.
    fn file(self) -> Option<(&'static str, &'static str)> {
        match self {
            Platform::GitHub => Some(("github.yml", ".github/workflows/raft-lab.yml")),
            Platform::GitLab => Some(("gitlab.yml", ".gitlab-ci.yml")),
            Platform::DevContainer => {
                Some(("devcontainer.json", ".devcontainer/devcontainer.json"))
            }
            Platform::Gradescope => None,
        }
    }

    /// The platforms that the handout in `dir` was made for.
    pub(super) fn of_handout(dir: &Path) -> Vec<Platform> {
        let is_there = |platform: &Platform| match platform.file() {
            Some((_, path)) => dir.join(path).exists(),
            None => autograder_of(dir).is_file(),
        };
        NAMES.map(Platform::named).into_iter().filter(is_there).collect()
    }
}

/// The options for `grade` that the handout in `dir` was made with: those of its first platform that has any.
///
/// # Errors
/// If a file of a platform, or its template, cannot be read.
pub(super) fn options_of_handout(course: &Course, dir: &Path) -> Result<String> {
    for platform in Platform::of_handout(dir) {
        let options = if let Some((name, path)) = platform.file() {
            let path = dir.join(path);
            let text = fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            options_in(&String::from_utf8_lossy(&template(course, name)?), &text)
        } else {
            let tree = archive::read(&autograder_of(dir), MOST_BYTES)?;
            let options = tree.get(Path::new(OPTIONS));
            options.map(|bytes| String::from_utf8_lossy(bytes).trim().to_owned())
        };
        if let Some(options) = options.filter(|options| !options.is_empty()) {
            return Ok(options);
        }
    }
    Ok(String::new())
}

/// What a file has where its template has the mark.
fn options_in(template: &str, text: &str) -> Option<String> {
    let (before, after) = template.lines().find_map(|line| line.split_once(MARK))?;
    let options = text.lines().find_map(|line| line.strip_prefix(before)?.strip_suffix(after));
    options.map(str::to_owned)
}

/// The files that are added to the learner's tree.
///
/// # Errors
/// If a template cannot be read.
pub(super) fn files(course: &Course, platforms: &[Platform], options: &str) -> Result<Tree> {
    let mut tree = Tree::new();
    for (name, path) in platforms.iter().filter_map(|platform| platform.file()) {
        let text = String::from_utf8_lossy(&template(course, name)?).into_owned();
        tree.insert(PathBuf::from(path), text.replace(MARK, options).into_bytes());
    }
    Ok(tree)
}

fn template(course: &Course, name: &str) -> Result<Vec<u8>> {
    let path = course.root.join(GRADER).join("handout").join(name);
    fs::read(&path).with_context(|| format!("cannot read {}", path.display()))
}

/// Where Gradescope's autograder goes: beside the learner's tree, which students get.
pub(super) fn autograder_of(dir: &Path) -> PathBuf {
    let mut name = dir.file_name().unwrap_or_default().to_os_string();
    name.push("-autograder.zip");
    dir.with_file_name(name)
}

/// Writes Gradescope's autograder: its programs, the options for `grade`, and a tree without the reference, with the
/// grader. Submissions run in that container, so nothing is in it that they may not see.
///
/// # Errors
/// If the course cannot be read, or the archive cannot be written.
pub(super) fn write_autograder(
    course: &Course,
    zip: &Path,
    contents: &Contents,
    options: &str,
) -> Result<()> {
    let contents = Contents {
        has_grader: true,
        released: std::collections::BTreeSet::new(),
        ..contents.clone()
    };
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    contents::write(course, folder.path(), &contents)?;
    let mut tree = Tree::new();
    for (path, bytes) in files::read_tree_without(folder.path(), &files::is_private)? {
        tree.insert(Path::new("lab").join(path), bytes);
    }
    for name in PROGRAMS {
        tree.insert(PathBuf::from(name), template(course, name)?);
    }
    tree.insert(PathBuf::from(OPTIONS), format!("{options}\n").into_bytes());
    let bytes = zipped(&tree).with_context(|| format!("cannot make {}", zip.display()))?;
    files::write(zip, &bytes)
}

/// A zip archive. The programs at its top may be executed.
fn zipped(tree: &Tree) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut output);
    for (path, bytes) in tree {
        let name = files::shown(path);
        let mode = if PROGRAMS.contains(&&*name) { 0o755 } else { 0o644 };
        let file = archive.new_file(&*name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.unix_permissions(mode).start()?;
        let mut writer = config.wrap(DeflateEncoder::new(&mut entry, Compression::default()));
        writer.write_all(bytes)?;
        let (encoder, descriptor) = writer.finish()?;
        encoder.finish()?;
        entry.finish(descriptor)?;
    }
    archive.finish()?;
    Ok(output)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_can_be_read_back() {
        let tree = Tree::from([
            (PathBuf::from("lab/a b/é.rs"), vec![b'x'; 70_000]),
            (PathBuf::from("setup.sh"), b"#!".to_vec()),
        ]);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.zip");
        fs::write(&path, zipped(&tree).unwrap()).unwrap();
        assert_eq!(archive::read(&path, 1 << 20).unwrap(), tree);
    }

    #[test]
    fn options_are_found_where_the_template_has_the_mark() {
        let template = "# A file.\nrun: grade . GRADE_OPTIONS || true\n";
        for options in ["", "--modules 1-3"] {
            let text = template.replace(MARK, options);
            assert_eq!(options_in(template, &text).as_deref(), Some(options));
        }
        assert_eq!(options_in(template, "run: another command\n"), None);
        assert_eq!(options_in("no mark\n", "no mark\n"), None);
    }

    #[test]
    fn the_autograder_is_beside_the_tree() {
        let zip = autograder_of(Path::new("/a/raft-lab"));
        assert_eq!(zip, Path::new("/a/raft-lab-autograder.zip"));
    }
}
