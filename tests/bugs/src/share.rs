//! How many of the wrong servers the storms of a module find on their own: a measurement, not a test. Direct
//! checks hide what storms miss, and a learner's mistake need not be one that somebody has thought of.

use gates::Outcome;
use libtest_mimic::Failed;

use crate::in_place::{in_place, name};
use crate::kinds::is_storm;
use crate::patch::Patches;
use crate::subject::Subject;

/// The base seed: that of the gates.
const SEED: u64 = 1;

/// Prints which wrong servers of a module turn a storm red, by which check, and how many they are. Servers on
/// which checks may not end are left out: they would need a process for each check.
pub(crate) fn of_storms(
    module: &str,
    patches: &Patches,
    subjects: &[Subject],
) -> Result<(), Failed> {
    let mut caught = 0;
    let mut missed = Vec::new();
    let bugs: Vec<_> = patches.bug.iter().filter(|bug| !bug.endless).collect();
    for bug in &bugs {
        let subject = subjects.iter().find(|subject| subject.id == bug.id);
        let subject = subject.ok_or_else(|| format!("there is no subject {}", bug.id))?;
        match first_red(subject)? {
            Some(check) => {
                caught += 1;
                println!("  {:32} {check}", bug.id);
            }
            None => missed.push(format!("  {:32} {}", bug.id, bug.title)),
        }
    }
    let (all, share) = (bugs.len(), 100 * caught / bugs.len().max(1));
    println!("{module}: storms alone catch {caught} of {all} wrong servers ({share} %), and miss");
    println!("{}", missed.join("\n"));
    Ok(())
}

/// The first storm check that a server turns red.
fn first_red(subject: &Subject) -> Result<Option<String>, Failed> {
    for number in 0.. {
        let mut suite = subject.prefixed();
        suite.checks.retain(is_storm);
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
