//! Exercise 6.7, snapshots as a whole: servers and clients in storms.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
use gates::{Check, Context, Scope};

use super::{servers_with, table};

const WHY: &str = "Figure 3, whatever network, crashes and snapshots do: a snapshot (§7) changes nothing \
     that can be seen. A server that has received one has the state to which applying the entries leads, and \
     to its clients the cluster looks like one server.";

/// The number of storms in a check, and the number of checks.
const STORMS: u64 = 25;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    let storms = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    storms.map(|check| check.scope(Scope::Storm)).collect()
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Figure 3 holds in storms {} to {} with crashes and small limits, and clients see only what one \
         server could do",
        numbers.start(),
        numbers.end()
    );
    Check::new("6.7", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(7)), Goal::Compacted, numbers.clone())
    })
}
