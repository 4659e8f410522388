//! The checks of module 0. The file that includes this one names the module under test.

use std::path::Path;

use gates::Suite;

use super::subject;

mod election;
mod evidence;
mod hand_made;
mod judge;
mod laws;
mod recorded;
mod votes;
mod watch;

/// The module's checks, for the subject in this folder. With `RAFT_LAB_WATCH`, which names a folder of
/// executions, it is these that are judged instead.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let suite = Suite::new("00-warm-up", manifest_dir, Vec::new());
    if let Some(folder) = gates::variable("RAFT_LAB_WATCH") {
        return suite.with(watch::checks(Path::new(&folder)));
    }
    let folder = Path::new(manifest_dir).join("../../tests/00-warm-up/recorded");
    suite.with(hand_made::checks()).with(recorded::checks(&folder)).with(votes::checks())
}
