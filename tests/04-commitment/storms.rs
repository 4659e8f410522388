//! Servers and clients under storm: exercise 4.8, the whole module; and 4.9 and 4.10, the bonus exercises.

use std::ops::RangeInclusive;

use gates::simulator::Workload;
use gates::storm::{Goal, storms, storms_of};
use gates::{Check, Context, Scope};

use super::{servers_with, table};

const WHY: &str = "Figure 3: Leader Completeness (§5.4) and State Machine Safety (§5.4.3), whatever the \
     network does. And §8: to its clients the cluster must look like one server that executes each command \
     at one moment between its start and its answer; every client learns how its request ended.";

const ONCE: &str = "§8: \"if the leader crashes after committing the log entry but before responding to the client, \
     the client will retry the command with a new leader, causing it to be executed a second time\". With \
     serial numbers it must look as if each command had been executed once, however often and wherever it was \
     sent.";
const READS: &str = "§8: read-only operations \"must not return stale data\": a leader knows what is committed only when \
     it has committed in its own term, and that it still leads only when a majority has answered since.";

/// How many storms are one check, and how many such checks there are.
const STORMS: u64 = 25;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    let storms = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    let bonus = [sessions(1..=STORMS), reads(1..=STORMS)];
    storms.chain(bonus).map(|check| check.scope(Scope::Storm)).collect()
}

/// The same with clients that repeat their commands.
pub(super) fn sessions(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Clients repeat commands in storms {} to {}, and see each of them executed once",
        numbers.start(),
        numbers.end()
    );
    Check::new("4.9", claim, ONCE, move |context: &mut Context| {
        let boot = servers_with(table(9));
        storms_of(context, &boot, Goal::Linearizable, Workload::Sessions, numbers.clone())
    })
}

/// The same with clients that read without writing to the log.
pub(super) fn reads(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Reads in storms {} to {} see all that was acknowledged before",
        numbers.start(),
        numbers.end()
    );
    Check::new("4.10", claim, READS, move |context: &mut Context| {
        let boot = servers_with(table(10));
        storms_of(context, &boot, Goal::Linearizable, Workload::Queries, numbers.clone())
    })
}

/// The storms with these numbers, as one check.
pub(super) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Figure 3 holds in storms {} to {}, and what clients see is what one server could do",
        numbers.start(),
        numbers.end()
    );
    Check::new("4.8", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(8)), Goal::Linearizable, numbers.clone())
    })
}
