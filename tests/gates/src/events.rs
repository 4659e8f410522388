//! A gate that a runner has started: it reports what happens as events, and ends with its runner.

use std::io::{self, Write as _};
use std::process::{self, ExitCode};

use course::GateEvent;

use crate::run::{Policy, Run};
use crate::settings::Settings;
use crate::{Check, Suite, VERSION, exploration, lifeline};

/// Lets the process end when its runner ends. The processes of the checks end with it.
pub(crate) fn follow_runner() {
    lifeline::watch(|| process::exit(1));
}

/// Judges the selected checks, and prints an event for everything that happens.
pub(crate) fn run(suites: &[Suite], settings: &Settings) -> ExitCode {
    let checks: Vec<(&Suite, &Check)> = suites
        .iter()
        .flat_map(|suite| suite.checks.iter().map(move |check| (suite, check)))
        .filter(|(_, check)| settings.select.takes(check.exercise))
        .collect();
    let named = checks.iter().map(|(suite, check)| suite.selected(check)).collect();
    tell(&GateEvent::Selected { version: VERSION, checks: named });
    let run = Run::new(Policy::StopAtEndless, settings.seed, settings.paint);
    run.judge_all(
        &checks,
        |suite, check| tell(&GateEvent::Started(suite.selected(check))),
        |_, report| tell(&GateEvent::Report(Box::new(report))),
    );
    tell(&GateEvent::Ended { endless: run.ended_by().cloned() });
    ExitCode::SUCCESS
}

/// Explores, as the only check of a suite, and prints its progress.
pub(crate) fn explore(suite: &Suite, settings: &Settings) -> ExitCode {
    let checks = suite.checks.iter().map(|check| suite.selected(check)).collect();
    tell(&GateEvent::Selected { version: VERSION, checks });
    let progress = |text: &str| tell(&GateEvent::Progress(text.to_owned()));
    let report = exploration::judge(suite, settings.seed, settings.paint, progress);
    if let Some(report) = report {
        tell(&GateEvent::Report(Box::new(report)));
    }
    tell(&GateEvent::Ended { endless: None });
    ExitCode::SUCCESS
}

fn tell(event: &GateEvent) {
    let line = serde_json::to_string(event).expect("an event has only texts and numbers");
    let mut out = io::stdout().lock();
    // If the runner is gone, no one listens, and the process is about to end.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
