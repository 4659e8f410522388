//! `update`: brings a newer course into the learner's tree, and keeps what the learner wrote.
//!
//! The tree becomes the newer course, file by file. In the modules, what the learner wrote moves into the new stubs.
//! What has no place there is reported, and a copy of everything that is replaced is in `.kept`.

mod apply;
mod imports;
mod listing;
mod merge;
mod modules;
mod new_course;
mod plan;
mod report;
mod scenario;
mod source;
mod work;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

pub(crate) use apply::is_unfinished;

use self::apply::Finished;
use self::new_course::NewCourse;
use self::plan::Plan;
use crate::lock::TreeLock;
use crate::{files, term, use_module};

/// What the command line asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    /// The folder or archive of the newer course.
    pub(crate) path: PathBuf,
    /// Whether to say only what would happen.
    pub(crate) dry_run: bool,
    /// Whether to do it without a question.
    pub(crate) yes: bool,
}

/// `cargo xtask update`. It reads as little of the tree as it can: an update may be what repairs it.
pub(crate) fn run(root: &Path, request: &Request) -> Result<()> {
    if is_unfinished(root) {
        if request.dry_run {
            bail!(
                "an update was interrupted in this tree; run `cargo xtask update` without --dry-run to finish it"
            );
        }
        if let Some(finished) = apply::finish(root, TreeLock::take(root)?)? {
            tell!("An update had been interrupted. It is finished now.");
            say_finished(root, &finished);
        }
    }
    let new = NewCourse::read(&request.path, root)?;
    must_not_be_older(root, &new, &request.path)?;
    let plan = Plan::make(root, &new)?;
    let name = request.path.display();
    if plan.changes.is_empty() {
        tell!("This tree is already the course in {name}. Nothing was changed.");
        return Ok(());
    }
    report::show(&plan, !request.dry_run);
    if request.dry_run {
        tell!("Nothing was changed. Without --dry-run, this command does it.");
        return Ok(());
    }
    let question = format!("Update this tree to the course in {name}?");
    if !request.yes && !term::confirm(&question, "`update` would do this")? {
        say!("Nothing was changed.");
        return Ok(());
    }
    let lock = TreeLock::take(root)?;
    // A file may have changed while nobody answered.
    apply::prepare(root, &Plan::make(root, &new)?)?;
    if let Some(finished) = apply::finish(root, lock)? {
        tell!("This tree is now version {} of the course.", new.version);
        say_finished(root, &finished);
    }
    Ok(())
}

/// Says where the copies are, and what comes next.
fn say_finished(root: &Path, finished: &Finished) {
    // Which modules are the reference is in the manifest, and the lock follows from it.
    use_module::refresh_lock(root);
    tell!(
        "A copy of everything that was replaced is in {kept}. {kept}/{list} lists what has no place in the new course.",
        kept = files::shown(&finished.kept),
        list = apply::LIST
    );
    if let Some(again) = &finished.kept_again {
        tell!(
            "Some files had changed since the update was interrupted. They were replaced too, and a copy of them is in \
             {}.",
            files::shown(again)
        );
    }
    tell!("Next: `cargo xtask check`. It first builds the runner again, which is new as well.");
}

/// The version of the course in a folder.
///
/// # Errors
/// If it names none.
pub(crate) fn version_of(root: &Path) -> Result<String> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    new_course::version_in(&manifest)
}

/// Whether a version comes before another one.
pub(crate) fn is_older(version: &str, other: &str) -> bool {
    new_course::numbers(version) < new_course::numbers(other)
}

/// Rejects a course with a lower version than this tree has.
fn must_not_be_older(root: &Path, new: &NewCourse, path: &Path) -> Result<()> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    // A manifest that is damaged is replaced.
    let Ok(here) = new_course::version_in(&manifest) else { return Ok(()) };
    if is_older(&new.version, &here) {
        bail!(
            "{} is version {} of the course, and this tree is already version {here}. Nothing was changed",
            path.display(),
            new.version
        );
    }
    Ok(())
}
