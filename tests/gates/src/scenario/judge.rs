//! Runs a script, and explains why it failed.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use protocol::ServerId;
use simulator::{InitialState, NodeFactory, TraceRecord};

use super::commands;
use super::evidence;
use super::likeness::alike;
use super::recorded;
use super::runner::{Found, ScenarioRunner};
use super::script::{Block, Script, file_name, paths_in, shown};
use super::snapshot;
use super::story::{end_of, story};
use super::transcript;
use super::words::Fault;
use crate::{Context, ExerciseId, Failure, RecordedExecution, Verdict, kept_runs};

/// A scenario that has run to its end.
#[derive(Clone, Debug)]
pub struct Run {
    /// The script, with what each block has shown.
    pub transcript: String,
    /// Everything that happened, step by step.
    pub trace: Vec<TraceRecord>,
    /// The number of servers.
    pub servers: u64,
    /// Whether the script has sent a message in a server's name.
    pub made_up: bool,
    /// The states of the servers that did not begin as new ones.
    pub given: BTreeMap<ServerId, InitialState>,
    /// Whether servers keep their state on disk.
    pub durable: bool,
    /// How far each exploration came.
    pub explored: Vec<String>,
    /// For each block, the length of the trace at its beginning, and its comments.
    pub blocks: Vec<(usize, String)>,
}

/// From this exercise on, servers keep their state on disk and a restart must bring it back.
pub(super) const DURABLE: ExerciseId = ExerciseId { module: 5, number: 5 };

/// How many of a block's last events are shown with a failure.
const STORY: usize = 16;

/// Runs a scenario that a learner wrote for `exercise`. It has no snapshot: what must hold is written in it, as
/// `expect`.
///
/// # Errors
/// The command that failed, and why.
pub fn run(
    path: &Path,
    exercise: ExerciseId,
    factory: NodeFactory,
    seed: u64,
) -> Result<Run, Box<Failure>> {
    let script = read_own(path, exercise)?;
    if script.blocks.iter().all(|block| block.commands.is_empty()) {
        let happened = format!("{} has none", script.shown);
        return Err(Failure::new("a scenario with commands", happened).because(""));
    }
    run_script(&script, factory, &mut Context::new(seed))
}

/// Runs a script's text.
///
/// # Errors
/// The command that failed, and why.
pub(crate) fn run_text(
    text: &str,
    exercise: ExerciseId,
    factory: NodeFactory,
    seed: u64,
) -> Result<Run, Box<Failure>> {
    let path = Path::new("a.scenario");
    let script = Script::of_text(path, text.to_owned(), exercise).map_err(|fault| {
        Failure::new("a scenario that can be read", named(path, &fault)).because("")
    })?;
    run_script(&script, factory, &mut Context::new(seed))
}

/// The scenario in `folder` that a learner's scenario repeats, except for comments, names of servers and the order of
/// blocks; `None` if there is none.
///
/// # Errors
/// If the learner's scenario cannot be read.
pub(crate) fn original_of(
    path: &Path,
    exercise: ExerciseId,
    folder: &Path,
) -> Result<Option<String>, Box<Failure>> {
    let own = read_own(path, exercise)?;
    let paths = paths_in(folder).unwrap_or_default();
    let labs = paths.iter().filter_map(|path| Script::read(path).ok());
    Ok(labs.filter(|lab| alike(&own, lab)).map(|lab| lab.shown).next())
}

fn read_own(path: &Path, exercise: ExerciseId) -> Result<Script, Box<Failure>> {
    Script::read_own(path, exercise).map_err(|fault| {
        Failure::new("a scenario that can be read", named(path, &fault)).because("")
    })
}

/// Runs a script that explores. Returns how far each exploration came.
pub(crate) fn explored(
    path: &Path,
    text: &str,
    exercise: ExerciseId,
    factory: NodeFactory,
    context: &mut Context,
) -> Result<Vec<String>, Box<Failure>> {
    let script = Script::of_text(path, text.to_owned(), exercise).map_err(|fault| {
        Failure::new("a scenario that can be read", named(path, &fault)).because("")
    })?;
    Ok(run_script(&script, factory, context)?.explored)
}

/// The number of events on the shortest way that a script's exploration finds to anything wrong; `None` if it finds
/// nothing.
pub(crate) fn shortest_way(
    text: &str,
    exercise: ExerciseId,
    factory: NodeFactory,
    seed: u64,
) -> Option<usize> {
    let mut runner = ScenarioRunner::new(factory, seed, exercise >= DURABLE);
    runner.exercise = Some(exercise);
    runner.carry_out = commands::run;
    // Finding something ends the script with an error.
    let _ = goldenscript::generate(&mut runner, text);
    runner.found.map(|found| found.events)
}

/// Runs a scenario of a gate, and compares it with its snapshot.
pub(super) fn judge(
    script: &Script,
    factory: NodeFactory,
    context: &mut Context,
    needs_snapshot: bool,
) -> Verdict {
    let run = run_script(script, Arc::clone(&factory), context)?;
    snapshot::compare(script, &run.transcript, needs_snapshot).map_err(|mut failure| {
        let mut again = ScenarioRunner::new(factory, context.seed(), is_durable(script));
        again.lens = script.lens;
        failure.evidence = evidence::of_difference(script, &run.transcript, again).map(Box::new);
        failure
    })
}

/// Whether the servers of a script keep their state on disk.
fn is_durable(script: &Script) -> bool {
    script.header.exercise >= DURABLE
}

fn run_script(
    script: &Script,
    factory: NodeFactory,
    context: &mut Context,
) -> Result<Run, Box<Failure>> {
    let mut runner = ScenarioRunner::new(factory, context.seed(), is_durable(script));
    runner.exercise = Some(script.header.exercise);
    runner.lens = script.lens;
    runner.explores = !context.records();
    run_in(script, runner, context)
}

fn run_in(
    script: &Script,
    mut runner: ScenarioRunner,
    context: &mut Context,
) -> Result<Run, Box<Failure>> {
    runner.report = context.report();
    runner.carry_out = commands::run;
    let result = goldenscript::generate(&mut runner, &script.text);
    let trace = runner.trace().to_vec();
    // This happens even if the script fails: module 0 wants to see breaches.
    if context.records() {
        let recorded = runner.execution().and_then(|(execution, ended)| {
            RecordedExecution::of(file_name(&script.path), execution, ended)
        });
        if let Some(recorded) = recorded {
            context.record(recorded);
        }
    }
    let transcript = match result {
        Ok(transcript) => transcript,
        Err(error) => {
            recorded::keep(script, &mut runner, context.seed());
            return Err(fault(script, runner, &error.to_string(), context));
        }
    };
    let audited = runner
        .world
        .as_mut()
        .map_or(Ok(()), |world| world.cluster.test_promises().and_then(|()| world.cluster.audit()));
    let failed = audited.map_err(|stop| {
        let failure = transcript::stopped(&stop);
        runner.fault = Some(Fault::Stopped(stop));
        failure
    });
    recorded::keep(script, &mut runner, context.seed());
    failed?;
    let reasons = script.blocks.iter().map(|block| block.reason.clone());
    Ok(Run {
        transcript,
        trace,
        servers: runner.count.unwrap_or_default(),
        made_up: runner.made_up,
        durable: runner.world.as_ref().is_some_and(|world| world.cluster.durable),
        given: runner.given,
        explored: runner.explored,
        blocks: runner.blocks_began.into_iter().zip(reasons).collect(),
    })
}

/// Why a script has not run to its end.
fn fault(
    script: &Script,
    mut runner: ScenarioRunner,
    error: &str,
    context: &Context,
) -> Box<Failure> {
    let Some(fault) = runner.fault.take() else {
        let problem = unreadable(script, error);
        return Failure::new("a scenario as docs/scenarios.md describes it", problem).because("");
    };
    let (block, line) = match script.place(runner.commands.saturating_sub(1)) {
        Some((block, line)) => (Some(block), line),
        None => (None, 0),
    };
    let step = block.and_then(|block| {
        let (_, command) = block.commands.iter().find(|&&(number, _)| number == line)?;
        Some(format!("{}:{line}: {command}", script.shown))
    });
    let mut failure = match fault {
        Fault::Script(problem) => Failure::new(
            "a scenario as docs/scenarios.md describes it",
            format!("{}:{line}: {problem}", script.shown),
        )
        // Nothing has been judged yet, so no rule of the paper was broken.
        .because(""),
        Fault::Subject(failure) => with_story(failure, &runner),
        Fault::Stopped(stop) => with_story(transcript::stopped(&stop), &runner),
    };
    failure.step = step.unwrap_or_default();
    failure.evidence =
        block.map(|block| Box::new(evidence::of_fault(script, block, line, &runner)));
    if let Some(found) = &runner.found {
        failure.notes.push(left_as_script(script, line, found, runner.fresh(), context));
    }
    if let Some(block) = block.filter(|_| failure.why.as_deref() != Some("")) {
        script.add_reasons(&mut failure, block);
        let servers = evidence::servers(&runner);
        if !servers.is_empty() {
            failure.notes.push(transcript::told("The servers at this line:", &servers, 0));
        }
        if script.is_own {
            failure.notes.extend(shown_before(script, block, &runner));
        }
    }
    failure
}

/// What an exploration has found, as a script of its own: everything up to the line that explores, and the way from
/// there. It is left in a file.
fn left_as_script(
    script: &Script,
    line: usize,
    found: &Found,
    fresh: ScenarioRunner,
    context: &Context,
) -> String {
    let before: Vec<&str> = script.text.lines().take(line.saturating_sub(1)).collect();
    let text = format!("{}\n{}\n---\n", before.join("\n"), found.lines.join("\n"));
    let name = file_name(&script.path);
    let path = format!("target/explorations/{}-{name}", script.header.exercise);
    record_found(script, Path::new(&path), &text, fresh, context);
    let plural = if found.events == 1 { "" } else { "s" };
    let same = format!("The shortest way there, {} event{plural} after line {line}", found.events);
    let left = if context.leave(&path, &text) {
        format!("{same}; the whole as a scenario is in {path}:")
    } else {
        format!("{same}:")
    };
    transcript::told(&left, &found.lines, 0)
}

/// Records the way to what an exploration has found, if runs are recorded.
fn record_found(
    script: &Script,
    path: &Path,
    text: &str,
    fresh: ScenarioRunner,
    context: &Context,
) {
    let exercise = script.header.exercise;
    if kept_runs::is_on()
        && let Ok(mut way) = Script::of_text(path, text.to_owned(), exercise)
    {
        "The shortest way to what the exploration has found".clone_into(&mut way.header.claim);
        let _ = run_in(&way, fresh, &mut Context::new(context.seed()));
    }
}

/// Records the run of a script, if runs are recorded.
pub(crate) fn record(
    path: &Path,
    text: &str,
    claim: &str,
    exercise: ExerciseId,
    factory: NodeFactory,
    seed: u64,
) {
    if kept_runs::is_on()
        && let Ok(mut script) = Script::of_text(path, text.to_owned(), exercise)
    {
        claim.clone_into(&mut script.header.claim);
        let _ = run_script(&script, factory, &mut Context::new(seed));
    }
}

/// What goldenscript could not read. Its error names the line and column, and the rule of its grammar; the learner
/// reads what belongs there. A command with `!`, which must fail, is goldenscript's too: its error names the line.
pub(super) fn unreadable(script: &Script, error: &str) -> String {
    let number = |behind: &str| -> Option<usize> {
        let digits = error.split_once(behind)?.1;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    if let Some(line) = number(" to fail at line ") {
        return format!(
            "{}:{line}: `!` says that this command fails, but it does not",
            script.shown
        );
    }
    let place = number("parse error at line ").zip(number(" column "));
    let rest = place.and_then(|(line, column)| {
        let text = script.text.lines().nth(line - 1)?;
        Some((line, text.get(column - 1..)?.trim().to_owned()))
    });
    let Some((line, rest)) = rest else { return named(&script.path, error) };
    let rest = if rest.is_empty() { "the end of the line".to_owned() } else { format!("`{rest}`") };
    format!(
        "{}:{line}: {rest} cannot be read. A command and its arguments are on one line. A word \
         contains letters, digits and _ - . / @; anything else needs quotation marks. A list is \
         written with /, like S1/S2",
        script.shown
    )
}

/// The failure with what happened in the block.
fn with_story(mut failure: Box<Failure>, runner: &ScenarioRunner) -> Box<Failure> {
    let story = story(&runner.trace()[runner.block_began()..]);
    if !story.is_empty() {
        let (story, left_out) = end_of(&story, STORY);
        failure.notes.push(transcript::told("What happened in this block:", &story, left_out));
    }
    failure
}

/// What the blocks before the one that failed have shown: the same run once more, up to there.
fn shown_before(script: &Script, block: &Block, runner: &ScenarioRunner) -> Option<String> {
    let before = script.before(block);
    let transcript = goldenscript::generate(&mut runner.fresh(), &before).ok()?;
    let lines = transcript.lines().skip_while(|line| line.starts_with('#') || line.is_empty());
    let lines: Vec<String> = lines.map(str::to_owned).collect();
    let heading = "What the blocks before this one have shown:";
    (!lines.is_empty()).then(|| transcript::told(heading, &lines, 0))
}

/// A fault with its file, and with its line as a terminal can open it.
fn named(path: &Path, fault: &str) -> String {
    let path = shown(path);
    let line = fault.strip_prefix("line ").and_then(|rest| rest.split_once(": "));
    match line {
        Some((line, fault)) => format!("{path}:{line}: {fault}"),
        None => format!("{path}: {fault}"),
    }
}
