//! Records what the checks of a suite see of their servers, for module 0.

use std::fs;
use std::path::Path;

use crate::panics::guarded;
use crate::sandbox::Sandbox;
use crate::{Check, Context, RecordedExecution, Suite};

/// How many short storms are recorded when a gate runs with `RAFT_LAB_RECORD`.
const STORMS: u64 = 12;

/// What the checks of a suite see of their servers, check by check: in the scenarios, and in `storms` short storms,
/// which replace the usual ones. It does not matter whether a check passes.
pub fn record(suite: &Suite, storms: u64, seed: u64) -> Vec<RecordedExecution> {
    let seen_by = |check: &Check| {
        let mut context = Context::new(seed).recording(storms);
        let _ = guarded(&suite.manifest_dir, || check.body(&mut context));
        context.take_recorded()
    };
    suite.checks.iter().flat_map(seen_by).collect()
}

/// Records what the checks of each suite see, and leaves one file for each module in a folder. The subject's code
/// runs in this process, and must not write anything else.
pub(crate) fn leave(suites: &[Suite], seed: u64, folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    Sandbox::of_all(suites).writing(folder).close();
    suites.iter().try_for_each(|suite| {
        let path = folder.join(format!("{}.jsonl", suite.module));
        RecordedExecution::write(&record(suite, STORMS, seed), &path)
    })
}
