//! Runs checks in this process, where a patch can be switched on.

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use gates::{Check, Outcome, Report, Suite};
use libtest_mimic::Failed;

use crate::switch::switch_on;

/// A check that takes this many times its limit does not end. On a busy machine, one that does may take many.
const PATIENCE: u32 = 30;

/// The stack of a check, as in the gates.
const STACK: usize = 8 << 20;

/// Runs the checks in a thread of this process: a process for each would take longer than most checks.
pub(crate) fn in_place(suite: Suite, number: usize, seed: u64) -> Result<Vec<Report>, Failed> {
    let suite = Arc::new(suite);
    let (done, reports) = mpsc::channel();
    let running = Arc::clone(&suite);
    thread::Builder::new().stack_size(STACK).spawn(move || {
        switch_on(number);
        for check in &running.checks {
            // Nobody listens any more when a check took too long.
            if done.send(gates::run_here(&running, check, seed)).is_err() {
                return;
            }
        }
    })?;
    let wait = |check: &Check| {
        reports.recv_timeout(check.time_limit * PATIENCE).map_err(|_| {
            format!("{} does not end: is this bug to be marked `endless`?", name_of(check)).into()
        })
    };
    suite.checks.iter().map(wait).collect()
}

/// Runs the checks in a thread of this process until one of them is red. Returns that one.
///
/// # Errors
/// If a check does not end.
pub(crate) fn first_red(suite: Suite, number: usize, seed: u64) -> Result<Option<Report>, Failed> {
    let Some(limit) = suite.checks.iter().map(|check| check.time_limit).max() else {
        return Ok(None);
    };
    let (done, reports) = mpsc::channel();
    thread::Builder::new().stack_size(STACK).spawn(move || {
        switch_on(number);
        for check in &suite.checks {
            let report = gates::run_here(&suite, check, seed);
            let is_red = report.outcome != Outcome::Passed;
            if done.send(report).is_err() || is_red {
                return;
            }
        }
    })?;
    loop {
        match reports.recv_timeout(limit * PATIENCE) {
            Ok(report) if report.outcome != Outcome::Passed => return Ok(Some(report)),
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => return Ok(None),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let limit: Duration = limit * PATIENCE;
                let ask = "is this server to be marked `endless`?";
                return Err(format!("a check has not ended within {limit:?}: {ask}").into());
            }
        }
    }
}

pub(crate) fn name_of(check: &Check) -> String {
    format!("{}::{}", check.exercise, check.name())
}

pub(crate) fn name(report: &Report) -> String {
    format!("{}::{}", report.exercise, report.check)
}
