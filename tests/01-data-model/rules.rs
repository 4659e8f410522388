//! The rule checks of module 1. The file that includes this one names the module under test.

use std::time::Duration;

use gates::Suite;

use super::subject;
use subject as model;

#[path = "../logs.rs"]
mod logs;

mod draft;
mod event_loop;
mod figure_2;
mod log;
mod node;
mod own_state;
mod probes;
mod queue;
mod replies;
mod requests;
mod servers;
mod state;
mod term_rule;

const TIME_LIMIT: Duration = Duration::from_secs(4);

/// The module's checks, for the subject in this folder.
pub(crate) fn suite(manifest_dir: &'static str) -> Suite {
    let files = [
        draft::checks(),
        log::checks(),
        state::checks(manifest_dir),
        node::checks(),
        term_rule::checks(),
        requests::checks(),
        replies::checks(),
        event_loop::checks(),
        queue::checks(),
    ];
    // Each takes milliseconds: a learner who has written an endless loop must not wait for long.
    let checks = files.into_iter().flatten().map(|check| check.time_limit(TIME_LIMIT));
    Suite::new("01-data-model", manifest_dir, Vec::new()).with(checks)
}
