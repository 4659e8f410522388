//! Every gate binary is its own test harness.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};

use crate::assignment::Assignment;
use crate::exercises::root_of;
use crate::exploration::Exploration;
use crate::play::Play;
use crate::replay::Replay;
use crate::run::{Policy, Run, run_here};
use crate::settings::{Settings, variable};
use crate::{Check, Outcome, Report, Suite, child, events, record, scenario};

/// The whole of a gate binary's `main`.
pub fn main(suite: Suite) -> ExitCode {
    main_of(vec![suite])
}

/// The same for a binary with several suites, told apart by their prefixes.
pub fn main_of(suites: Vec<Suite>) -> ExitCode {
    let settings = match Settings::read() {
        Ok(settings) => settings,
        Err(error) => return refuse(&error),
    };
    let suites: Vec<Suite> = match &settings.storms {
        None => suites,
        Some(numbers) => {
            let only = |suite: Suite| suite.only_storms(numbers, &settings.select);
            suites.into_iter().map(only).collect()
        }
    };
    let suites: Vec<Suite> = suites
        .into_iter()
        .map(|suite| suite.with_timeout_factor(settings.timeout_factor))
        .collect();
    if let Some(assignment) = Assignment::received() {
        return child::run(&suites, assignment);
    }
    if let Some(faults) = instructors_faults(&suites) {
        return refuse(&faults);
    }
    // A world that is played reads the standard input itself.
    if let Some(text) = &settings.play {
        return match Play::parse(text) {
            Ok(play) => play.run(&suites, &settings),
            Err(error) => refuse(&error),
        };
    }
    if settings.has_runner {
        events::follow_runner();
    }
    if let Some(folder) = variable("RAFT_LAB_RECORD") {
        return match record::leave(&suites, settings.seed, Path::new(&folder)) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => refuse(&format!("RAFT_LAB_RECORD: {error}")),
        };
    }
    if let Some(text) = &settings.explore {
        let Some(exploration) = Exploration::parse(text) else {
            return refuse(
                "RAFT_LAB_EXPLORE: an exercise and a path, a command, and then a script",
            );
        };
        let explored = suites.into_iter().find_map(|suite| exploration.clone().suite(suite));
        return match explored {
            Some(suite) => events::explore(&suite, &settings),
            None => refuse(
                "RAFT_LAB_EXPLORE: this gate runs no scenarios, so it has no servers to explore",
            ),
        };
    }
    if let Some(text) = &settings.replay {
        return match Replay::parse(text) {
            Ok(replay) => replay.run(suites, &settings),
            Err(error) => refuse(&error),
        };
    }
    if let Some(twice) = name_used_twice(&suites) {
        return refuse(&format!("two checks are called `{twice}`: their reports would be one"));
    }
    if settings.has_runner {
        return events::run(&suites, &settings);
    }
    as_test_harness(suites, &settings)
}

/// Runs the checks as the tests of a test binary.
fn as_test_harness(suites: Vec<Suite>, settings: &Settings) -> ExitCode {
    let mut arguments = Arguments::from_args();
    if let Some(check) = &settings.only {
        let is_known = |suite: &Suite| suite.checks.iter().any(|it| suite.test_name(it) == *check);
        if !suites.iter().any(is_known) {
            return refuse(&format!("RAFT_LAB_IN_PLACE: there is no check `{check}` in this gate"));
        }
        arguments.filter = Some(check.clone());
        arguments.exact = true;
        // A debugger follows one thread more easily.
        arguments.test_threads = Some(1);
    }
    let run = Arc::new(Run::new(Policy::StopAtEndless, settings.seed, settings.paint));
    let suites: Vec<Arc<Suite>> = suites.into_iter().map(Arc::new).collect();
    let trials = suites.iter().flat_map(|suite| trials(suite, settings, &run)).collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn trials(suite: &Arc<Suite>, settings: &Settings, run: &Arc<Run>) -> Vec<Trial> {
    let Settings { select, seed, is_in_place, .. } = settings;
    let selected = (0..suite.checks.len()).filter(|&at| select.takes(suite.checks[at].exercise));
    selected
        .map(|at| {
            let name = suite.test_name(&suite.checks[at]);
            let (suite, run) = (Arc::clone(suite), Arc::clone(run));
            let in_place = is_in_place.then_some(*seed);
            Trial::test(name, move || match in_place {
                Some(seed) => end_of(run_here(&suite, &suite.checks[at], seed)),
                None => trial(&suite, &suite.checks[at], &run),
            })
        })
        .collect()
}

fn trial(suite: &Suite, check: &Check, run: &Run) -> Result<(), Failed> {
    if let Some(report) = run.judge(suite, check) {
        return end_of(report);
    }
    let endless = run.ended_by().map(ToString::to_string).unwrap_or_default();
    Err(Failed::from(format!("not tried, because {endless} did not end")))
}

fn end_of(report: Report) -> Result<(), Failed> {
    if report.outcome == Outcome::Passed { Ok(()) } else { Err(Failed::from(report.text)) }
}

/// What is wrong with the scenarios that an instructor has added.
fn instructors_faults(suites: &[Suite]) -> Option<String> {
    let folder = variable("RAFT_LAB_SCENARIOS")?;
    let root = suites.first().and_then(root_of)?;
    let faults = scenario::faults(Path::new(&folder), root);
    let list = faults.join("\n  ");
    (!faults.is_empty())
        .then(|| format!("RAFT_LAB_SCENARIOS names scenarios that cannot run:\n  {list}"))
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
