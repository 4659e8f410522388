//! The recording of a script's run, for a page.

use simulator::{Block, CommandLine, End, Heading, Moment, Outcome, Recorder, Recording, Source};

use super::runner::ScenarioRunner;
use super::script::Script;
use super::words::Fault;
use crate::{Failure, kept_runs};

/// Keeps the run of a script that has ended, with or without a fault.
pub(super) fn keep(script: &Script, runner: &mut ScenarioRunner, seed: u64) {
    if let Some(recording) = of(script, runner, seed) {
        kept_runs::keep(recording);
    }
}

/// The recording of the run of a script that has ended, with or without a fault. `None` if it was not recorded.
pub(super) fn of(script: &Script, runner: &mut ScenarioRunner, seed: u64) -> Option<Recording> {
    let recorder = runner.take_recorder()?;
    let durable = runner.world.as_ref().is_some_and(|world| world.cluster.durable);
    let heading = heading(script, runner, seed);
    let end = |recorder: &Recorder| match &runner.fault {
        None => End::default(),
        Some(Fault::Stopped(stop)) => recorder.end_of(stop),
        Some(Fault::Subject(failure)) => red(failure, recorder.steps()),
        Some(Fault::Script(problem)) => End {
            outcome: Outcome::Script,
            expected: "a scenario as docs/scenarios.md describes it".to_owned(),
            what: problem.clone(),
            ..End::default()
        },
    };
    Some(recorder.finish(heading, durable, end))
}

/// The end of a run that did not show what it should.
fn red(failure: &Failure, steps: u64) -> End {
    let what = failure.happened.clone();
    let first = what.lines().next().unwrap_or_default();
    let found = format!("here the script finds: {first}");
    let moment = Moment { step: steps.saturating_sub(1), server: 0, what: found };
    End {
        outcome: Outcome::Red,
        expected: failure.expected.clone(),
        what,
        rule: failure.why.clone().unwrap_or_default(),
        moments: vec![moment],
        ..End::default()
    }
}

fn heading(script: &Script, runner: &ScenarioRunner, seed: u64) -> Heading {
    let mut began = runner.commands_began.iter().copied();
    let mut blocks = Vec::new();
    let mut commands = Vec::new();
    for block in &script.blocks {
        for (at, (line, text)) in block.commands.iter().enumerate() {
            // A command that was not reached has no step.
            let Some(step) = began.next() else { break };
            if at == 0 {
                blocks.push(Block { step, reason: block.reason.clone() });
            }
            commands.push(CommandLine { step, line: *line as u64, text: text.clone() });
        }
    }
    Heading {
        title: script.header.claim.clone(),
        source: Source {
            kind: "scenario".to_owned(),
            exercise: script.header.exercise.to_string(),
            name: script.shown.clone(),
            seed,
            ..Source::default()
        },
        blocks,
        commands,
    }
}
