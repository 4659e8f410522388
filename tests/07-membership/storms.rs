//! Storms: crashes, snapshots, and members that come and go.

use std::ops::RangeInclusive;

use gates::simulator::Workload;
use gates::storm::{Goal, storms, storms_of};
use gates::{Check, Context, Scope, Verdict};

use super::{pre_vote, servers_with, table, taking_over};

const WHY: &str = "Figure 3, whatever the network and the disks do, and whichever servers are members (§6). To its \
     clients the cluster must look like one server (§8); and when nothing fails any more, every member has the \
     same state, whatever servers do that were removed.";

/// How many storms are one check, and how many such checks exercise 7.6 has.
const STORMS: u64 = 25;
const CHECKS: u64 = 4;

/// How many are enough for a bonus exercise.
const BONUS: u64 = 12;

pub(super) fn checks() -> Vec<Check> {
    let whole = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    whole
        .chain([asking(1..=BONUS), handing_over(1..=BONUS)])
        .map(|it| it.scope(Scope::Storm))
        .collect()
}

/// The same with servers that ask before an election.
pub(super) fn asking(numbers: RangeInclusive<u64>) -> Check {
    with("7.9", 9, "servers ask first", pre_vote::asks, numbers)
}

/// The same with leaders that hand over.
pub(super) fn handing_over(numbers: RangeInclusive<u64>) -> Check {
    with("7.11", 11, "leaders hand over", taking_over::starts, numbers)
}

/// The storms with these numbers, as one check.
pub(crate) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Figure 3 holds in storms {} to {}, while servers crash, and are added and removed",
        numbers.start(),
        numbers.end()
    );
    Check::new("7.6", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(6)), Goal::Reconfigured, numbers.clone())
    })
}

/// Storms with what a bonus exercise adds, once `first` shows that it is there.
fn with(
    exercise: &str,
    number: u32,
    what: &str,
    first: fn(&mut Context) -> Verdict,
    numbers: RangeInclusive<u64>,
) -> Check {
    let (from, to) = (numbers.start(), numbers.end());
    let claim = format!("Figure 3 holds in storms {from} to {to}, even when {what}");
    Check::new(exercise, claim, WHY, move |context: &mut Context| {
        first(context)?;
        storms(context, &servers_with(table(number)), Goal::Reconfigured, numbers.clone())
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
        storms_of(context, &servers_with(table(11)), Goal::Reconfigured, workload, numbers.clone())
    })
}
