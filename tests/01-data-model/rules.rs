//! The rule checks of module 1. The file that includes this one names the module under test.

use gates::Suite;

use super::subject;

mod draft;
mod event_loop;
mod log;
mod node;
mod probes;
mod queue;
mod replies;
mod requests;
mod servers;
mod term_rule;

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        draft::checks(),
        log::checks(),
        node::checks(),
        term_rule::checks(),
        requests::checks(),
        replies::checks(),
        event_loop::checks(),
        queue::checks(),
    ];
    Suite::new("01-data-model", manifest_dir, Vec::new()).with(files.into_iter().flatten())
}
