//! Exercises 6.1 to 6.6: snapshots.

mod compacting;
mod servers;
mod storms;

use gates::Check;

use super::{model, servers_with, subject, table};

/// The rule checks and the storms.
pub(super) fn checks() -> Vec<Check> {
    [compacting::checks(), storms::checks()].into_iter().flatten().collect()
}
