//! A script that somebody is playing with: it runs up to the first line that fails, and notes what each command has
//! done.

use std::path::Path;

use simulator::{CommandOutcome, NodeFactory, Outcome, PlayFault, Recording, ScriptError, Stop};

use super::choices::choices;
use super::commands;
use super::evidence::servers;
use super::judge::{DURABLE, unreadable};
use super::recorded;
use super::runner::ScenarioRunner;
use super::script::Script;
use super::transcript;
use super::words::Fault;
use crate::{ExerciseId, Failure, Kind, kept_runs};

/// What an exploration shows in a script that is played: otherwise it would be carried out again with each command.
const NOT_EXPLORED: &str = "not explored here: `cargo xtask explore` does that";

/// A script's run.
#[derive(Debug, Default)]
pub(crate) struct Played {
    /// Why it ended early.
    pub(crate) fault: Option<PlayFault>,
    /// What its commands have done, up to there.
    pub(crate) commands: Vec<CommandOutcome>,
    /// What can be done next, if it did not end early.
    pub(crate) choices: simulator::Choices,
    /// The run. `None` if there were no servers.
    pub(crate) recording: Option<Recording>,
}

/// Runs a script. The servers have the rules of all exercises up to `exercise`; the recording names the file.
pub(crate) fn played(
    path: &Path,
    text: &str,
    exercise: ExerciseId,
    factory: NodeFactory,
    seed: u64,
) -> Played {
    let script = match Script::of_text(path, text.to_owned(), exercise) {
        Ok(script) => script,
        Err(problem) => return Played { fault: Some(unread(text, &problem)), ..Played::default() },
    };
    let mut runner = ScenarioRunner::new(factory, seed, exercise >= DURABLE);
    runner.exercise = Some(exercise);
    runner.carry_out = commands::run;
    runner.explores = false;
    runner.outcomes = Some(Vec::new());
    let (fault, _) = kept_runs::keeping(|| run(&script, &mut runner));
    Played {
        choices: if fault.is_none() { choices(&runner) } else { simulator::Choices::default() },
        recording: recorded::of(&script, &mut runner, seed),
        commands: outcomes(&script, &mut runner),
        fault,
    }
}

fn run(script: &Script, runner: &mut ScenarioRunner) -> Option<PlayFault> {
    if let Err(error) = goldenscript::generate(runner, &script.text) {
        if runner.fault.is_none() {
            return Some(unread(&script.text, &unreadable(script, &error.to_string())));
        }
        return Some(fault(script, runner));
    }
    // A crash may come at any time, so what servers have promised must be safe at any time.
    let audited = runner
        .world
        .as_mut()
        .map_or(Ok(()), |world| world.cluster.test_promises().and_then(|()| world.cluster.audit()));
    let stop = audited.err()?;
    runner.fault = Some(ScriptError::from(stop).into());
    Some(fault(script, runner))
}

/// The line at which a run ended, and why.
fn fault(script: &Script, runner: &ScenarioRunner) -> PlayFault {
    let line = script.place(runner.commands.saturating_sub(1)).map_or(0, |(_, line)| line);
    let about = PlayFault {
        line: line as u64,
        command: line_of(&script.text, line),
        ..PlayFault::default()
    };
    match &runner.fault {
        Some(Fault::Script(problem)) => {
            PlayFault { outcome: Outcome::Script, happened: problem.clone(), ..about }
        }
        Some(Fault::Subject(failure)) => of_failure(about, failure, Outcome::Red),
        Some(Fault::Stopped(stop)) => {
            let outcome = match stop {
                Stop::Breach(_) => Outcome::Broken,
                Stop::Panic { .. } => Outcome::Panicked,
                Stop::Failed { .. } | Stop::Endless { .. } => Outcome::Red,
            };
            of_failure(about, &transcript::stopped(stop), outcome)
        }
        None => about,
    }
}

fn of_failure(about: PlayFault, failure: &Failure, outcome: Outcome) -> PlayFault {
    let place = failure.place.as_ref().map(|at| format!("{}:{}", at.file, at.line));
    if let Kind::Todo(exercise) = &failure.kind {
        let happened = format!("exercise {exercise} is not written yet");
        return PlayFault { outcome, happened, place, ..about };
    }
    PlayFault {
        outcome,
        expected: failure.expected.clone(),
        happened: failure.happened.clone(),
        why: failure.why.clone().unwrap_or_default(),
        place,
        ..about
    }
}

/// A script that cannot be read. The problem begins with its line: `line 3: …`, or `FILE:3: …`.
fn unread(text: &str, problem: &str) -> PlayFault {
    let (place, rest) = problem.split_once(": ").unwrap_or(("", problem));
    let digits = place.rsplit([' ', ':']).next().unwrap_or_default();
    let (line, happened) = match digits.parse::<usize>() {
        Ok(line) => (line, rest),
        Err(_) => (0, problem),
    };
    PlayFault {
        line: line as u64,
        command: line_of(text, line),
        outcome: Outcome::Script,
        happened: happened.to_owned(),
        ..PlayFault::default()
    }
}

fn line_of(text: &str, line: usize) -> String {
    let line = line.checked_sub(1).and_then(|at| text.lines().nth(at));
    line.unwrap_or_default().trim().to_owned()
}

/// What was noted about the commands, with their lines.
fn outcomes(script: &Script, runner: &mut ScenarioRunner) -> Vec<CommandOutcome> {
    let noted = runner.outcomes.take().unwrap_or_default();
    let lines = script.blocks.iter().flat_map(|block| &block.commands);
    let servers = servers(runner);
    let with_line = |(mut outcome, (line, text)): (CommandOutcome, &(usize, String))| {
        outcome.line = *line as u64;
        outcome.text.clone_from(text);
        if text.starts_with("explore") {
            NOT_EXPLORED.clone_into(&mut outcome.output);
        }
        outcome
    };
    let mut all: Vec<CommandOutcome> = noted.into_iter().zip(lines).map(with_line).collect();
    // Servers are made by the first command that needs them, or at the latest by the end of the block.
    if let Some(last) = all.last_mut().filter(|last| last.servers.is_empty()) {
        last.servers = servers;
    }
    all
}
