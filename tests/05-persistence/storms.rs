//! Exercise 5.6, the whole module: servers that crash, disks that fail, and clients, under storm.

use std::ops::RangeInclusive;

use gates::simulator::Workload;
use gates::storm::{Goal, storms, storms_of};
use gates::{Check, Context, Scope};

use super::{servers_with, table};

const WHY: &str = "Figure 2, State: what a server has told others survives its crash. With it Figure 3 holds \
     whenever servers crash, whatever their disks were doing, and clients see what one server could do that \
     never crashes (§8).";

/// How many storms are one check, and how many such checks there are.
const STORMS: u64 = 10;
const CHECKS: u64 = 8;

pub(super) fn checks() -> Vec<Check> {
    let storms = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    storms.map(|check| check.scope(Scope::Storm)).collect()
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "In storms {} to {} servers crash and disks fail, and nothing that was answered is lost",
        numbers.start(),
        numbers.end()
    );
    Check::new("5.6", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(6)), Goal::Durable, numbers.clone())
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
        storms_of(context, &servers_with(table(6)), Goal::Durable, workload, numbers.clone())
    })
}
