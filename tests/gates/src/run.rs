//! Runs checks, each in a process of its own.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;

use course::SelectedCheck;

use crate::check_record::CheckEnd;
use crate::paint::Paint;
use crate::report::Judgement;
use crate::{Check, Context, Failure, Kind, Report, Suite, child, parent};

/// What happens to the other checks when one does not end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// They are judged: each has a report.
    KeepGoing,
    /// Those that are running are stopped, and no other is started: a learner should not have to wait for the time
    /// limit of every check that runs into the same loop.
    StopAtEndless,
}

/// A run of checks.
pub(crate) struct Run {
    policy: Policy,
    seed: u64,
    paint: Paint,
    /// The check that did not end, and so has ended the run.
    endless: OnceLock<SelectedCheck>,
}

impl Run {
    pub(crate) fn new(policy: Policy, seed: u64, paint: Paint) -> Self {
        Run { policy, seed, paint, endless: OnceLock::new() }
    }

    /// The check that has ended the run, if one has.
    pub(crate) fn ended_by(&self) -> Option<&SelectedCheck> {
        self.endless.get()
    }

    /// Judges a check. Returns `None` if the run has ended before the check has.
    pub(crate) fn judge(&self, suite: &Suite, check: &Check) -> Option<Report> {
        let started = Instant::now();
        if self.ended_by().is_some() {
            return None;
        }
        let judgement = Judgement { suite, check, seed: self.seed, started };
        match parent::run(suite, check, self.seed, &|| self.ended_by().is_some()) {
            Ok(None) => None,
            Ok(Some(end)) => {
                if end.is_endless && self.policy == Policy::StopAtEndless {
                    self.endless.get_or_init(|| suite.selected(check));
                }
                Some(judgement.report(end.over, &end.printed, self.paint))
            }
            Err(error) => {
                let failure = Failure::new("a process for the check", format!("{error}"));
                let failure = Failure { kind: Kind::Stopped, ..*failure };
                let over = CheckEnd { failure: Some(failure), ..CheckEnd::default() };
                Some(judgement.report(over, "", self.paint))
            }
        }
    }

    /// Judges these checks, as many at a time as the machine has processors. Calls `started` before each, and
    /// `ended` with its place in `checks` and its report.
    pub(crate) fn judge_all(
        &self,
        checks: &[(&Suite, &Check)],
        started: impl Fn(&Suite, &Check) + Sync,
        ended: impl Fn(usize, Report) + Sync,
    ) {
        let next = AtomicUsize::new(0);
        let work = || {
            while self.ended_by().is_none()
                && let at = next.fetch_add(1, Ordering::Relaxed)
                && let Some(&(suite, check)) = checks.get(at)
            {
                started(suite, check);
                if let Some(report) = self.judge(suite, check) {
                    ended(at, report);
                }
            }
        };
        let workers = thread::available_parallelism().map_or(1, usize::from);
        thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(work);
            }
        });
    }
}

/// Runs the checks of all suites, each in a process of its own and as many at a time as the machine has
/// processors. Returns the reports of those that were tried, in order. The binary's `main` must be
/// [`main_of`](crate::main_of) with the same suites in the process of a check
/// ([`check_of_this_process`](crate::check_of_this_process)).
pub fn run(suites: &[Suite], seed: u64, policy: Policy) -> Vec<Report> {
    let all: Vec<(&Suite, &Check)> = suites
        .iter()
        .flat_map(|suite| suite.checks.iter().map(move |check| (suite, check)))
        .collect();
    let reports = Mutex::new(BTreeMap::new());
    let lock = || reports.lock().unwrap_or_else(PoisonError::into_inner);
    Run::new(policy, seed, Paint { colour: false }).judge_all(
        &all,
        |_, _| {},
        |at, report| {
            lock().insert(at, report);
        },
    );
    std::mem::take(&mut *lock()).into_values().collect()
}

/// Runs one check in this process. That is fast, but a check that never ends or overflows its stack ends the
/// process too.
pub fn run_here(suite: &Suite, check: &Check, seed: u64) -> Report {
    let judgement = Judgement { suite, check, seed, started: Instant::now() };
    let over = child::perform(suite, check, Context::new(seed));
    judgement.report(over, "", Paint { colour: false })
}
