//! Storms: crashes, snapshots, and members that come and go.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
use gates::{Check, Context, Verdict};

use super::super::{servers_with, table};
use super::{pre_vote, transfer};

const WHY: &str = "Figure 3, whatever the network and the disks do, and whoever is a member (§6). To its clients the \
     cluster must look like one server (§8); and when all is quiet, every member has the same state, whatever \
     those do that were removed.";

/// So many storms are one check, and there are so many checks of exercise 6.9.
const STORMS: u64 = 25;
const CHECKS: u64 = 4;

/// So many are enough for a bonus exercise.
const BONUS: u64 = 12;

pub(super) fn checks() -> Vec<Check> {
    let whole = (0..CHECKS).map(|part| check(part * STORMS + 1..=(part + 1) * STORMS));
    let asking = with("6.11", 11, "servers ask first", pre_vote::asks);
    let handing_over = with("6.12", 12, "leaders hand over", transfer::at_once);
    whole.chain([asking, handing_over]).collect()
}

/// The storms with these numbers, as one check.
pub(crate) fn check(numbers: RangeInclusive<u64>) -> Check {
    let claim = format!(
        "Figure 3 holds in storms {} to {}, while servers crash, and are added and removed",
        numbers.start(),
        numbers.end()
    );
    Check::new("6.9", claim, WHY, move |context: &mut Context| {
        storms(context, &servers_with(table(9)), Goal::Reconfigured, numbers.clone())
    })
}

/// Some storms with what a bonus exercise adds, if `first` finds that there.
fn with(exercise: &str, number: u32, what: &str, first: fn(&mut Context) -> Verdict) -> Check {
    let claim = format!("Figure 3 holds in storms 1 to {BONUS}, also when {what}");
    Check::new(exercise, claim, WHY, move |context: &mut Context| {
        first(context)?;
        storms(context, &servers_with(table(number)), Goal::Reconfigured, 1..=BONUS)
    })
}
