//! Exercise 2.7, the whole module: elections under storm.

use std::ops::RangeInclusive;

use gates::storm::{Goal, hopeless_candidate, old_leader, storms};
use gates::{Check, Context, Scope};

use super::{servers_with, table};

const WHY: &str = "Figure 3, Election Safety: \"at most one leader can be elected in a given term\" \
     (§5.2), whatever the network does. And §5.2: randomized timeouts let elections end, and \
     heartbeats keep the winner in office.";

const OLD: &str = "Rules for Servers, Followers (§5.2): an election begins if the timeout elapses \"without \
     receiving AppendEntries RPC from current leader\". A leader of an older term is not the current one, and its requests do not reset the timer.";
const HOPELESS: &str = "Rules for Servers, Followers (§5.2): an election begins if the timeout elapses without \
     \"granting vote to candidate\". A vote that is denied does not reset the timer.";

/// How many storms are one check, and how many such checks there are.
const STORMS: u64 = 50;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    let storms = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    storms.chain(directed()).map(|check| check.scope(Scope::Storm)).collect()
}

/// Faults with which a timer that is reset for a wrong reason keeps every server from being
/// elected.
fn directed() -> [Check; 2] {
    let old = "An old leader that still reaches one server does not keep it from campaigning";
    let hopeless = "A candidate that cannot win does not keep the others from campaigning";
    [
        Check::new("2.7", old, OLD, |context| old_leader(context, &servers_with(table(7)))),
        Check::new("2.6", hopeless, HOPELESS, |context| {
            hopeless_candidate(context, &servers_with(table(6)))
        }),
    ]
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Election Safety of Figure 3 holds in storms {} to {}, and each ends with a stable leader",
        numbers.start(),
        numbers.end()
    );
    Check::new("2.7", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(7)), Goal::StableLeader, numbers.clone())
    })
}
