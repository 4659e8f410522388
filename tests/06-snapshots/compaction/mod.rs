//! Exercises 6.1 to 6.6: snapshots.

mod compacting;
mod disks;
mod installing;
mod receiving;
mod recovering;
mod sending;
mod servers;
mod storms;
mod taking;

use gates::Check;

use super::{model, servers_with, subject, table};

/// The rule checks and the storms.
pub(super) fn checks() -> Vec<Check> {
    let files = [
        compacting::checks(),
        taking::checks(),
        recovering::checks(),
        sending::checks(),
        receiving::checks(),
        installing::checks(),
        storms::checks(),
    ];
    files.into_iter().flatten().collect()
}
