//! Exercises 6.1 to 6.6: snapshots.

mod compacting;
mod disks;
mod recovering;
mod servers;
mod storms;
mod taking;

use gates::{Check, Suite};

use super::{model, servers_with, subject, table};

/// The rule checks and the storms.
pub(super) fn checks() -> Vec<Check> {
    [compacting::checks(), taking::checks(), recovering::checks(), storms::checks()]
        .into_iter()
        .flatten()
        .collect()
}

/// Lets the suite have any number of storms.
pub(super) fn with_storms(suite: Suite) -> Suite {
    suite.storms(storms::check)
}
