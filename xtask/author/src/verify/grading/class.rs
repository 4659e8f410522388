//! A class whose marks are known beforehand: right and wrong servers, work that is half done, and cheats.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use course::{ExerciseId, Module};
use xtask::files;

use super::super::workshop::{Tree, Workshop};
use super::extent::{VOTE, is_graded};
use super::students::{Form, Student, Work};

/// A class, and where it is.
pub(super) struct Class<'a> {
    workshop: &'a Workshop,
    pub(super) submissions: PathBuf,
    /// What a student has who has solved everything.
    solved: Tree,
}

pub(super) const RULE: &str =
    "(last_log_term, last_log_index) >= (log.last_term(), log.last_index())";

impl<'a> Class<'a> {
    /// Makes the submissions of these students.
    pub(super) fn hand_in(workshop: &'a Workshop, students: &[&Student]) -> Result<Self> {
        let submissions = workshop.lab().join("submissions");
        let _ = fs::remove_dir_all(&submissions);
        fs::create_dir_all(&submissions)?;
        let mut solved = Tree::new();
        for module in workshop.course().modules.iter().filter(|module| is_graded(module)) {
            let all = module.exercises.iter().map(|exercise| exercise.id).collect();
            solved.extend(solved_in(workshop, module, &all)?);
        }
        let class = Class { workshop, submissions, solved };
        for student in students {
            class.one(student).with_context(|| format!("the submission of {}", student.name))?;
        }
        Ok(class)
    }

    fn one(&self, student: &Student) -> Result<()> {
        let place = self.submissions.join(student.name);
        let tree = self.work(student)?;
        match student.form {
            Form::Folder => write(&place, &tree),
            Form::Nested => write(&place.join("raft-lab-main"), &tree),
            Form::Zip(first) => {
                let name = with_ending(&place, "zip");
                fs::write(name, zip(first, &tree)?).context("cannot write the archive")
            }
            Form::TarGz => fs::write(with_ending(&place, "tar.gz"), tar_gz(&tree)?)
                .context("cannot write the archive"),
            Form::Bundle => self.bundle(&place, &tree),
            Form::Bytes(bytes) => {
                fs::write(with_ending(&place, "zip"), bytes).context("cannot write the file")
            }
            Form::Bomb => fs::write(with_ending(&place, "tar.gz"), bomb()?).context("no bomb"),
            Form::Linked => {
                write(&place, &tree)?;
                link(&place.join("modules/02-election/src/extra.rs"))
            }
            Form::TarWithLink => {
                fs::write(with_ending(&place, "tar"), tar_with_link(&tree)?).context("no archive")
            }
        }
    }

    /// What a student has written.
    fn work(&self, student: &Student) -> Result<Tree> {
        let mut tree = self.solved.clone();
        match student.work {
            Work::Solved => {}
            Work::Rule(rule) => replace(&mut tree, VOTE, RULE, rule)?,
            Work::Edit(path, from, to) => replace(&mut tree, path, from, to)?,
            Work::Added(path, text) => {
                let bytes = tree.entry(PathBuf::from(path)).or_default();
                bytes.extend([b"\n", text.as_bytes()].concat());
            }
            Work::Until(last) => {
                let last: ExerciseId = last.parse()?;
                for module in self.workshop.course().modules.iter().filter(|it| is_graded(it)) {
                    let ids = module.exercises.iter().map(|exercise| exercise.id);
                    let done = ids.filter(|id| *id <= last).collect();
                    tree.extend(solved_in(self.workshop, module, &done)?);
                }
            }
            Work::Manifests => {
                tree = Tree::from([
                    (PathBuf::from("modules/02-election/Cargo.toml"), b"[package]".to_vec()),
                    (PathBuf::from("tests/02-election/votes.rs"), b"".to_vec()),
                ]);
                let module = self.workshop.course().module("2")?;
                tree.extend(solved_in(self.workshop, module, &BTreeSet::new())?);
            }
            Work::Large => {
                let path = PathBuf::from("modules/02-election/src/large.rs");
                tree.insert(path, vec![b' '; (1 << 20) + 1]);
            }
            Work::Many => {
                for number in 0..=500 {
                    let path = format!("modules/02-election/src/file{number}.rs");
                    tree.insert(PathBuf::from(path), Vec::new());
                }
            }
            Work::Elsewhere => {
                tree = Tree::from([(PathBuf::from("vote.rs"), b"fn f() {}".to_vec())]);
            }
            Work::Carriage => {
                for bytes in tree.values_mut() {
                    *bytes = String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes();
                }
            }
        }
        Ok(tree)
    }

    /// A git bundle.
    fn bundle(&self, place: &Path, tree: &Tree) -> Result<()> {
        let work = self.workshop.lab().join("bundled");
        let _ = fs::remove_dir_all(&work);
        write(&work, tree)?;
        let bundle = with_ending(place, "bundle").to_string_lossy().into_owned();
        let identity = ["-c", "user.name=Student", "-c", "user.email=student@example.org"];
        for words in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "."],
            &["commit", "--quiet", "--message=Submission"],
            &["bundle", "create", "--quiet", &bundle, "HEAD", "main"],
        ] {
            let git = Command::new("git").current_dir(&work).args(identity).args(words).output();
            let git = git.context("cannot run git")?;
            ensure!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
        }
        Ok(())
    }
}

/// A module with these exercises solved, by path from the root.
fn solved_in(workshop: &Workshop, module: &Module, ids: &BTreeSet<ExerciseId>) -> Result<Tree> {
    let src = module.learner().join("src");
    let files = workshop.stub(module, ids)?.into_iter();
    Ok(files.map(|(path, bytes)| (src.join(path), bytes)).collect())
}

fn write(place: &Path, tree: &Tree) -> Result<()> {
    tree.iter().try_for_each(|(path, bytes)| files::write(&place.join(path), bytes))
}

/// A name with an ending, even if it has a dot.
fn with_ending(place: &Path, ending: &str) -> PathBuf {
    let mut name = place.as_os_str().to_os_string();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}

fn replace(tree: &mut Tree, path: &str, from: &str, to: &str) -> Result<()> {
    let bytes = tree.get_mut(Path::new(path)).with_context(|| format!("no {path}"))?;
    let text = String::from_utf8_lossy(bytes).into_owned();
    ensure!(text.contains(from), "{path} has no `{from}` to change for this test");
    *bytes = text.replacen(from, to, 1).into_bytes();
    Ok(())
}

/// A file that is a link to something on the instructor's machine.
#[cfg(unix)]
fn link(place: &Path) -> Result<()> {
    std::os::unix::fs::symlink("/etc/passwd", place).context("cannot make a link")
}

#[cfg(not(unix))]
fn link(_place: &Path) -> Result<()> {
    Ok(())
}

/// A zip archive without compression. `first` is a path that comes before all others.
fn zip(first: Option<&str>, tree: &Tree) -> Result<Vec<u8>> {
    let mut output = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut output);
    let named = first.map(|path| (path.to_owned(), b"x".to_vec()));
    let files = tree.iter().map(|(path, bytes)| (files::shown(path), bytes.clone()));
    for (path, bytes) in named.into_iter().chain(files) {
        let path = rawzip::path::EntryPath::verbatim(path.as_bytes());
        let (mut entry, config) = archive.new_file(path).start()?;
        let mut writer = config.wrap(&mut entry);
        writer.write_all(&bytes)?;
        let (_, descriptor) = writer.finish()?;
        entry.finish(descriptor)?;
    }
    archive.finish()?;
    Ok(output)
}

fn tar_gz(tree: &Tree) -> Result<Vec<u8>> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(gzip);
    for (path, bytes) in tree {
        append(&mut builder, path, bytes)?;
    }
    Ok(builder.into_inner()?.finish()?)
}

fn append<W: std::io::Write>(
    builder: &mut tar::Builder<W>,
    path: &Path,
    bytes: &[u8],
) -> Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_size(bytes.len() as u64);
    header.set_mode(0o644);
    builder.append_data(&mut header, path, bytes).context("cannot write a tar archive")
}

/// An archive in which an exercise is a link.
fn tar_with_link(tree: &Tree) -> Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, bytes) in tree {
        append(&mut builder, path, bytes)?;
    }
    let mut header = tar::Header::new_gnu();
    header.set_size(0);
    header.set_entry_type(tar::EntryType::Symlink);
    builder.append_link(&mut header, "modules/02-election/src/extra.rs", "/etc/passwd")?;
    Ok(builder.into_inner()?)
}

/// A small archive that expands to 600 MB.
fn bomb() -> Result<Vec<u8>> {
    const BYTES: u64 = 600 << 20;
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(gzip);
    let mut header = tar::Header::new_gnu();
    header.set_size(BYTES);
    header.set_mode(0o644);
    let zeros = std::io::Read::take(std::io::repeat(0), BYTES);
    builder.append_data(&mut header, VOTE, zeros)?;
    Ok(builder.into_inner()?.finish()?)
}
