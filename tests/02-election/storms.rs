//! Exercise 2.6, the whole module: elections under storm.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
use gates::{Check, Context};

use super::{servers_with, table};

const WHY: &str = "Figure 3, Election Safety: \"at most one leader can be elected in a given term\" \
     (§5.2), whatever the network does. And §5.2: randomized timeouts let elections end, and \
     heartbeats keep the winner in office.";

/// So many storms are one check, and there are so many checks.
const STORMS: u64 = 50;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS)).collect()
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Election Safety of Figure 3 holds in storms {} to {}, and each ends with a stable leader",
        numbers.start(),
        numbers.end()
    );
    Check::new("2.6", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(6)), Goal::StableLeader, numbers.clone())
    })
}
