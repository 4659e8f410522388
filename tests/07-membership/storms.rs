//! Storms: crashes, snapshots, and members that come and go.

use std::ops::RangeInclusive;

use gates::storm::{Goal, storms};
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
    let asking = with("7.9", 9, "servers ask first", pre_vote::asks);
    let handing_over = with("7.11", 11, "leaders hand over", taking_over::starts);
    whole.chain([asking, handing_over]).map(|check| check.scope(Scope::Storm)).collect()
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

/// Some storms with what a bonus exercise adds, once `first` shows that it is there.
fn with(exercise: &str, number: u32, what: &str, first: fn(&mut Context) -> Verdict) -> Check {
    let claim = format!("Figure 3 holds in storms 1 to {BONUS}, even when {what}");
    Check::new(exercise, claim, WHY, move |context: &mut Context| {
        first(context)?;
        storms(context, &servers_with(table(number)), Goal::Reconfigured, 1..=BONUS)
    })
}
