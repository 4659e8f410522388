//! Exercise 6.7, snapshots as a whole: servers and clients in storms.

use std::ops::RangeInclusive;

use gates::simulator::Workload;
use gates::storm::{Goal, storms, storms_of};
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

/// The same with clients that repeat their commands (4.9).
pub(super) fn sessions(numbers: RangeInclusive<u64>) -> Check {
    with_clients("4.9", "repeat their commands", Workload::Sessions, numbers)
}

/// The same with clients that read without writing to the log (4.10).
pub(super) fn reads(numbers: RangeInclusive<u64>) -> Check {
    with_clients("4.10", "read", Workload::Queries, numbers)
}

fn with_clients(
    exercise: &str,
    what: &str,
    workload: Workload,
    numbers: RangeInclusive<u64>,
) -> Check {
    let (first, last) = (numbers.start(), numbers.end());
    let claim =
        format!("Clients that {what} in storms {first} to {last} see what one server could do");
    Check::new(exercise, claim, WHY, move |context: &mut Context| {
        storms_of(context, &servers_with(table(7)), Goal::Compacted, workload, numbers.clone())
    })
}
