//! Exercises 6.1 to 6.6: snapshots.

mod compacting;
mod crash_points;
mod installing;
mod receiving;
mod recovering;
mod sending;
mod servers;
mod storms;
mod taking;
mod transfers;

use gates::Check;

use super::{model, servers_with, subject, table};

/// The rule checks and the storms.
pub(super) fn checks(manifest_dir: &'static str) -> Vec<Check> {
    let files = [
        compacting::checks(),
        taking::checks(),
        recovering::checks(),
        sending::checks(),
        receiving::checks(),
        installing::checks(),
        transfers::checks(),
        crash_points::checks(manifest_dir),
        storms::checks(),
    ];
    files.into_iter().flatten().collect()
}
