//! Exercise 3.7, the whole module: replication under storms, with clients that send commands.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
use gates::{Check, Context, Scope};

use super::{servers_with, table};

const WHY: &str = "Figure 3, Log Matching (§5.3): \"if two logs contain an entry with the same index and term, \
     then the logs are identical in all entries up through the given index\", whatever the network does. \
     And §5.3: the leader \"retries AppendEntries RPCs indefinitely […] until all followers eventually \
     store all log entries\".";

/// How many storms are one check, and how many such checks there are.
const STORMS: u64 = 50;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    let storms = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    storms.map(|check| check.scope(Scope::Storm)).collect()
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Log Matching of Figure 3 holds in storms {} to {}, and each ends with equal logs",
        numbers.start(),
        numbers.end()
    );
    Check::new("3.7", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(7)), Goal::LogsAgree, numbers.clone())
    })
}
