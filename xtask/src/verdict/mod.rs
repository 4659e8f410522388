//! Verdicts, and the text that they belong to.
//!
//! A verdict is only as good as the text that it judged. So it is kept under the fingerprint of that text: of
//! the module, of all that the module builds on, and of what judges it. Once one letter of them changes, there
//! is no verdict until the checks have run again.

mod digest;
mod fingerprint;
mod freshness;
mod judge_files;
mod store;

pub(crate) use digest::digest;
pub use digest::digest_of;
pub(crate) use fingerprint::{Fingerprint, Fingerprints, builds_on};
pub use judge_files::{JUDGE_LIST, judge_list};
pub(crate) use judge_files::{handed_out, is_handed_out};
pub(crate) use store::{Known, Store};

use std::collections::BTreeSet;

use anyhow::Result;

use crate::progress::Progress;
use crate::tree::Course;

/// The folders of the modules in which an exercise is done, and whose text as it is now was not judged: it has
/// changed since, or was judged on another machine.
///
/// # Errors
/// If a file of the tree cannot be read.
pub(crate) fn unjudged(course: &Course, progress: &Progress) -> Result<BTreeSet<String>> {
    let fingerprints = Fingerprints::new(course)?;
    let store = Store::of(&course.root);
    let mut changed = BTreeSet::new();
    for module in &course.modules {
        let mut done = module.exercises.iter().filter(|e| progress.is_done(e.id)).peekable();
        if done.peek().is_none() {
            continue;
        }
        let known = store.load(module, fingerprints.of(course, module, None)?);
        if !done.all(|exercise| known.exercises.contains(&exercise.id)) {
            changed.insert(module.dir.clone());
        }
    }
    Ok(changed)
}
