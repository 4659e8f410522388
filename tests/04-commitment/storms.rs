//! Exercise 4.8, the whole module: servers and clients under storm.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
use gates::{Check, Context};

use super::{servers_with, table};

const WHY: &str = "Figure 3: Leader Completeness (§5.4) and State Machine Safety (§5.4.3), whatever the \
     network does. And §8: to its clients the cluster must look like one server that executes each command \
     at one moment between its call and its answer; everybody is told how his request ended.";

/// So many storms are one check, and there are so many checks.
const STORMS: u64 = 25;
const CHECKS: u64 = 4;

pub(super) fn checks() -> Vec<Check> {
    (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS)).collect()
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
