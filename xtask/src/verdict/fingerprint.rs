//! What a verdict depends on.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Result, ensure};
use course::Module;

use super::digest::{digest, digest_tree};
use super::judge_files;
use crate::tree::Course;
use crate::use_module::{self, Source};
use crate::{files, hunt};

/// Identifies a text and everything that decides how it is judged. Two that are equal have the same verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(u128);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

/// Takes fingerprints. The judge's files are read once, because they do not change during a command; those of
/// the learner are read every time.
#[derive(Debug)]
pub(crate) struct Fingerprints {
    judge: u128,
    /// The judge's files that are not as they were handed out.
    pub(crate) changed_judge: Vec<String>,
}

impl Fingerprints {
    /// Reads the judge of this tree.
    ///
    /// # Errors
    /// If a file of it cannot be read.
    pub(crate) fn new(course: &Course) -> Result<Self> {
        let files = judge_files::read(course)?;
        let changed_judge = judge_files::changed(course, &files);
        let own = digest_tree(&files).to_le_bytes();
        let instructors = digest_tree(&instructors_scenarios()?).to_le_bytes();
        let judge = digest([&own, &instructors, toolchain().as_bytes()]);
        Ok(Fingerprints { judge, changed_judge })
    }

    /// The fingerprint of a module as it is now.
    ///
    /// # Errors
    /// If a file of it, or of a module that it builds on, cannot be read.
    pub(crate) fn of(
        &self,
        course: &Course,
        module: &Module,
        seed: Option<u64>,
    ) -> Result<Fingerprint> {
        let mut parts: Vec<u128> = vec![self.judge, u128::from(seed.unwrap_or_default())];
        for folder in builds_on(course, module)? {
            let src = course.root.join(&folder).join("src");
            // A module whose folder is gone does not compile, which the build will say.
            let tree = if src.is_dir() { files::read_tree(&src)? } else { BTreeMap::new() };
            parts.push(digest([files::shown(&folder).as_bytes()]));
            parts.push(digest_tree(&tree));
        }
        if let Some(choice) = hunt::choice_for(course, module) {
            parts.push(digest([choice.as_bytes()]));
        }
        let bytes: Vec<u8> = parts.into_iter().flat_map(u128::to_le_bytes).collect();
        Ok(Fingerprint(digest([bytes.as_slice()])))
    }
}

/// The folders of a module and of all modules that it builds on. The reference of a module builds on the
/// reference of the module before it.
pub(crate) fn builds_on(course: &Course, module: &Module) -> Result<Vec<PathBuf>> {
    let mut folders = vec![module.learner()];
    if module.alone {
        return Ok(folders);
    }
    let earlier: Vec<&Module> =
        course.chain().take_while(|other| other.dir != module.dir).collect();
    let mut source = Source::Mine;
    for other in earlier.into_iter().rev() {
        if source == Source::Mine {
            source = use_module::source(&course.root, other)?;
        }
        folders.push(match source {
            Source::Mine => other.learner(),
            Source::Solution => other.solution(),
        });
    }
    Ok(folders)
}

/// The scenarios that an instructor has added.
fn instructors_scenarios() -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let Some(folder) = std::env::var_os("RAFT_LAB_SCENARIOS") else { return Ok(BTreeMap::new()) };
    // Without this, earlier verdicts would hold as if the variable were not set.
    ensure!(
        Path::new(&folder).is_dir(),
        "RAFT_LAB_SCENARIOS names `{}`, which is not a folder",
        folder.display()
    );
    files::read_tree(Path::new(&folder))
}

/// The toolchain, and flags that change what it builds. Cargo builds this program again with every other toolchain, so
/// the program's own file tells them apart without another process.
fn toolchain() -> String {
    let own = std::env::current_exe().and_then(fs::metadata);
    let built = own.ok().and_then(|own| Some((own.len(), own.modified().ok()?)));
    let built = built.map(|(len, at)| (len, at.duration_since(UNIX_EPOCH).unwrap_or_default()));
    let flags = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WRAPPER"];
    format!("{built:?} {:?}", flags.map(std::env::var_os))
}
