//! How many of the wrong servers of a module its storms and explorations find on their own: a measurement, not a test.
//! Direct checks hide what these miss, and a learner's mistake need not be one that somebody has thought of.

use gates::{Check, Outcome};
use libtest_mimic::Failed;

use crate::in_place::{in_place, name};
use crate::kinds::{explores, is_storm};
use crate::patch::Patches;
use crate::subject::Subject;

/// The base seed: that of the gates.
const SEED: u64 = 1;

/// Prints which wrong servers of a module turn a storm or an exploration red, by which check, and how many they are.
/// Servers on which checks may not end are left out: they would need a process for each check.
pub(crate) fn without_direct_checks(
    module: &str,
    patches: &Patches,
    subjects: &[Subject],
) -> Result<(), Failed> {
    let (mut by_storms, mut by_explorations) = (0, 0);
    let mut missed = Vec::new();
    let bugs: Vec<_> = patches.bug.iter().filter(|bug| !bug.endless).collect();
    for bug in &bugs {
        let subject = subjects.iter().find(|subject| subject.id == bug.id);
        let subject = subject.ok_or_else(|| format!("there is no subject {}", bug.id))?;
        if let Some(check) = first_red(subject, is_storm)? {
            by_storms += 1;
            println!("  {:32} {check}", bug.id);
        } else if let Some(check) = first_red(subject, explores)? {
            by_explorations += 1;
            println!("  {:32} {check}", bug.id);
        } else {
            missed.push(format!("  {:32} {}", bug.id, bug.title));
        }
    }
    let (all, both) = (bugs.len(), by_storms + by_explorations);
    let share = 100 * both / all.max(1);
    println!(
        "{module}: without direct checks, {both} of {all} wrong servers are caught ({share} %): {by_storms} by storms, \
         and {by_explorations} more by explorations. Missed:"
    );
    println!("{}", missed.join("\n"));
    Ok(())
}

/// The first of these checks that a server turns red.
fn first_red(subject: &Subject, is_meant: fn(&Check) -> bool) -> Result<Option<String>, Failed> {
    for number in 0.. {
        let mut suite = subject.prefixed();
        suite.checks.retain(is_meant);
        if number >= suite.checks.len() {
            break;
        }
        let check = suite.checks.swap_remove(number);
        suite.checks = vec![check];
        let reports = in_place(suite, subject.number, SEED)?;
        if let Some(red) = reports.iter().find(|report| report.outcome != Outcome::Passed) {
            return Ok(Some(name(red)));
        }
    }
    Ok(None)
}
