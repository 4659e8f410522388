//! Every gate binary is its own test harness.

use std::env;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::child::{self, CheckEnd};
use crate::explain::explain;
use crate::paint::Paint;
use crate::report::write_report;
use crate::{
    Check, Context, Failure, Kind, Outcome, Report, Select, Suite, VERSION, parent, record,
};

/// The base seed if the environment names none.
const SEED: u64 = 1;

/// The whole of a gate binary's `main`.
pub fn main(suite: Suite) -> ExitCode {
    main_of(vec![suite])
}

/// The same for a binary with several suites, told apart by their prefixes.
pub fn main_of(suites: Vec<Suite>) -> ExitCode {
    let settings = match Settings::from_env() {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    let suites: Vec<Suite> = match &settings.storms {
        None => suites,
        Some(range) => suites.into_iter().map(|suite| suite.only_storms(range.clone())).collect(),
    };
    let suites: Vec<Suite> = suites
        .into_iter()
        .map(|suite| suite.with_timeout_factor(settings.timeout_factor))
        .collect();
    if let Ok(name) = env::var(parent::CHECK) {
        return child::run(&suites, &name, settings.seed);
    }
    if let Some(folder) = env::var_os("RAFT_LAB_RECORD") {
        return match record::leave(&suites, settings.seed, Path::new(&folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse(&format!("RAFT_LAB_RECORD: {error}")),
        };
    }
    if let Some(twice) = name_used_twice(&suites) {
        return refuse(&format!("two checks are called `{twice}`: their reports would be one"));
    }
    let arguments = Arguments::from_args();
    let settings = Arc::new(settings);
    let suites: Vec<Arc<Suite>> = suites.into_iter().map(Arc::new).collect();
    let trials = suites.iter().flat_map(|suite| trials(suite, &settings)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Runs the checks of all suites, each in a process of its own and as many at a time as the machine has
/// processors. Returns their reports in order. The binary's `main` must be [`main_of`] with the same suites
/// when `RAFT_LAB_CHECK` is set.
///
/// # Panics
/// If a check cannot be run at all.
pub fn run(suites: &[Suite], seed: u64) -> Vec<Report> {
    let all: Vec<(&Suite, &Check)> = suites
        .iter()
        .flat_map(|suite| suite.checks.iter().map(move |check| (suite, check)))
        .collect();
    let next = AtomicUsize::new(0);
    let workers = thread::available_parallelism().map_or(1, usize::from);
    let work = || {
        let mut done = Vec::new();
        while let at = next.fetch_add(1, Ordering::Relaxed)
            && let Some(&(suite, check)) = all.get(at)
        {
            done.push((at, in_own_process(suite, check, seed, Paint { colour: false })));
        }
        done
    };
    let mut reports: Vec<(usize, Report)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("no worker panics")).collect()
    });
    reports.sort_by_key(|&(at, _)| at);
    reports.into_iter().map(|(_, report)| report).collect()
}

/// Runs one check in this process. That is fast, but a check that never ends or overflows its stack ends the
/// process too.
pub fn run_here(suite: &Suite, check: &Check, seed: u64) -> Report {
    let started = Instant::now();
    let over = child::perform(suite, check, Context::new(seed));
    report(suite, check, seed, started, over, "", Paint { colour: false })
}

fn in_own_process(suite: &Suite, check: &Check, seed: u64, paint: Paint) -> Report {
    let started = Instant::now();
    match parent::run(suite, check, seed) {
        Ok(ended) => report(suite, check, seed, started, ended.over, &ended.printed, paint),
        Err(error) => {
            let failure = Failure::new("a process for the check", format!("{error}"));
            let failure = Failure { kind: Kind::Stopped, ..*failure };
            let over = CheckEnd { failure: Some(failure), show: None };
            report(suite, check, seed, started, over, "", paint)
        }
    }
}

fn report(
    suite: &Suite,
    check: &Check,
    seed: u64,
    started: Instant,
    over: CheckEnd,
    printed: &str,
    paint: Paint,
) -> Report {
    let kind = over.failure.as_ref().map(|failure| &failure.kind);
    let text =
        over.failure.as_ref().map(|found| explain(suite, check, found, printed, seed, paint));
    Report {
        version: VERSION,
        prefix: suite.prefix.clone(),
        module: suite.module.clone(),
        exercise: check.exercise,
        check: check.name(),
        claim: check.claim.clone(),
        points: check.points,
        outcome: match kind {
            None => Outcome::Passed,
            Some(Kind::Differs | Kind::Panicked) => Outcome::Failed,
            Some(Kind::Todo(_)) => Outcome::Todo,
            Some(Kind::Stopped) => Outcome::Stopped,
        },
        todo: match kind {
            Some(Kind::Todo(exercise)) => Some(exercise.clone()),
            _ => None,
        },
        seed,
        millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
        text: text.unwrap_or_default(),
        show: over.show,
    }
}

/// The settings in the environment.
struct Settings {
    select: Select,
    storms: Option<RangeInclusive<u64>>,
    reports: Option<PathBuf>,
    seed: u64,
    /// Multiplies the time limit of every check.
    timeout_factor: u32,
    paint: Paint,
}

impl Settings {
    fn from_env() -> Result<Self, String> {
        let select = match env::var("RAFT_LAB_SELECT") {
            Ok(text) => text.parse().map_err(|error| format!("RAFT_LAB_SELECT: {error}"))?,
            Err(_) => Select::All,
        };
        let seed = match env::var("RAFT_LAB_SEED") {
            Ok(text) => text.parse().map_err(|_| {
                format!("RAFT_LAB_SEED: `{text}` is not a number from 0 to 2^64 - 1")
            })?,
            Err(_) => SEED,
        };
        let storms = match env::var("RAFT_LAB_STORMS") {
            Ok(text) => Some(range(&text).ok_or_else(|| {
                format!("RAFT_LAB_STORMS: `{text}` is not a range of numbers, like 1..=200")
            })?),
            Err(_) => None,
        };
        let timeout_factor = match env::var("RAFT_LAB_TIMEOUT_FACTOR") {
            Ok(text) => {
                text.parse().ok().filter(|times| (1..=100).contains(times)).ok_or_else(|| {
                    format!("RAFT_LAB_TIMEOUT_FACTOR: `{text}` is not a number from 1 to 100")
                })?
            }
            Err(_) => 1,
        };
        let reports = env::var_os("RAFT_LAB_REPORTS").map(PathBuf::from);
        Ok(Settings { select, storms, reports, seed, timeout_factor, paint: Paint::from_env() })
    }
}

fn range(text: &str) -> Option<RangeInclusive<u64>> {
    let (first, last) = text.split_once("..=")?;
    Some(first.parse().ok()?..=last.parse().ok()?)
}

fn trials(suite: &Arc<Suite>, settings: &Arc<Settings>) -> Vec<Trial> {
    let selected =
        (0..suite.checks.len()).filter(|&at| settings.select.takes(suite.checks[at].exercise));
    selected
        .map(|at| {
            let name = suite.test_name(&suite.checks[at]);
            let (suite, settings) = (Arc::clone(suite), Arc::clone(settings));
            Trial::test(name, move || run_trial(&suite, &suite.checks[at], &settings))
        })
        .collect()
}

fn run_trial(suite: &Suite, check: &Check, settings: &Settings) -> Result<(), Failed> {
    let report = in_own_process(suite, check, settings.seed, settings.paint);
    if let Some(folder) = &settings.reports {
        write_report(&report, folder).map_err(|error| {
            format!("cannot write the report into {}: {error}", folder.display())
        })?;
    }
    if report.outcome == Outcome::Passed { Ok(()) } else { Err(Failed::from(report.text)) }
}

fn name_used_twice(suites: &[Suite]) -> Option<String> {
    let mut seen = std::collections::BTreeSet::new();
    let mut names =
        suites.iter().flat_map(|suite| suite.checks.iter().map(|check| suite.test_name(check)));
    names.find(|name| !seen.insert(name.clone()))
}

fn refuse(error: &str) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}
