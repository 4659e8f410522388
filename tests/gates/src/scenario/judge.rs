//! Runs a script, and holds the transcript against its snapshot.

use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::panic::{self, AssertUnwindSafe};
use std::path::Path;

use protocol::ServerId;
use simulator::{Boot, Given, Traced};

use super::runner::ScenarioRunner;
use super::script::Script;
use super::transcript;
use super::words::Fault;
use crate::{Context, ExerciseId, Failure, Recorded, Verdict};

/// A scenario that ran to its end.
#[derive(Clone, Debug)]
pub struct Run {
    /// The script with what each block showed.
    pub transcript: String,
    /// Everything that happened.
    pub trace: Vec<Traced>,
    /// How many servers there were.
    pub servers: u64,
    /// The states in which servers began, other than that of a new one.
    pub given: BTreeMap<ServerId, Given>,
    /// Whether servers kept their state on disk.
    pub durable: bool,
    /// For each block where in the trace it began, and its comments.
    pub blocks: Vec<(usize, String)>,
}

/// From this exercise on servers keep their state on disk, and a restart must bring it back.
pub(super) const DURABLE: ExerciseId = ExerciseId { module: 5, number: 5 };

/// So many lines of what happened in a block are shown with a failure.
const STORY: usize = 16;

/// Runs a scenario that a learner wrote for `exercise`. It has no snapshot: what must hold, it says
/// with `expect`.
///
/// # Errors
/// Where it failed, and why.
pub fn run(path: &Path, exercise: ExerciseId, boot: Boot, seed: u64) -> Result<Run, Box<Failure>> {
    let script = Script::read_own(path, exercise)
        .map_err(|fault| Failure::new("a scenario that can be read", named(path, &fault)))?;
    run_script(&script, boot, &mut Context::new(seed))
}

/// Runs a scenario of a gate, and compares.
pub(super) fn judge(
    script: &Script,
    boot: Boot,
    context: &mut Context,
    needs_snapshot: bool,
) -> Verdict {
    let run = run_script(script, boot, context)?;
    compare(script, &run, needs_snapshot)
}

fn run_script(script: &Script, boot: Boot, context: &mut Context) -> Result<Run, Box<Failure>> {
    let durable = script.header.exercise >= DURABLE;
    let mut runner = ScenarioRunner::new(boot, context.seed(), durable);
    let result = goldenscript::generate(&mut runner, &script.text);
    let trace = runner.trace().to_vec();
    if context.records() {
        let recorded = runner
            .execution()
            .and_then(|(execution, ended)| Recorded::of(file_name(&script.path), execution, ended));
        if let Some(recorded) = recorded {
            context.record(recorded);
        }
    }
    let transcript = match result {
        Ok(transcript) => transcript,
        Err(error) => return Err(fault(script, runner, &error.to_string())),
    };
    let audited = runner
        .world
        .as_mut()
        .map_or(Ok(()), |world| world.cluster.test_promises().and_then(|()| world.cluster.audit()));
    audited.map_err(|stop| transcript::stopped(&stop))?;
    let reasons = script.blocks.iter().map(|block| block.reason.clone());
    Ok(Run {
        transcript,
        trace,
        servers: runner.count.unwrap_or_default(),
        durable: runner.world.as_ref().is_some_and(|world| world.cluster.durable),
        given: runner.given,
        blocks: runner.blocks_began.into_iter().zip(reasons).collect(),
    })
}

/// Why a script did not run to its end.
fn fault(script: &Script, mut runner: ScenarioRunner, error: &str) -> Box<Failure> {
    let Some(fault) = runner.fault.take() else {
        let problem = unreadable(script, error);
        return Failure::new("a scenario as docs/scenarios.md describes it", problem);
    };
    let (block, line) = match script.place(runner.commands.saturating_sub(1)) {
        Some((block, line)) => (Some(block), line),
        None => (None, 0),
    };
    let step = block.and_then(|block| {
        let (_, command) = block.commands.iter().find(|&&(number, _)| number == line)?;
        Some(format!("{}, line {line}: {command}", file_name(&script.path)))
    });
    let mut failure = match fault {
        Fault::Script(problem) => Failure::new(
            "a scenario as docs/scenarios.md describes it",
            format!("{}, line {line}: {problem}", file_name(&script.path)),
        ),
        Fault::Subject(failure) => with_story(failure, &runner),
        Fault::Stopped(stop) => with_story(transcript::stopped(&stop), &runner),
    };
    failure.step = step.unwrap_or_default();
    if let Some(block) = block {
        give_reason(&mut failure, &block.reason, &script.header.why);
    }
    failure
}

/// What goldenscript could not read. Its error says in which line and column, and what its grammar
/// looked for there; a learner is told what can stand there.
fn unreadable(script: &Script, error: &str) -> String {
    let number = |behind: &str| -> Option<usize> {
        let digits = error.split_once(behind)?.1;
        digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
    };
    let place = number("parse error at line ").zip(number(" column "));
    let rest = place.and_then(|(line, column)| {
        let text = script.text.lines().nth(line - 1)?;
        Some((line, text.get(column - 1..)?.trim().to_owned()))
    });
    let Some((line, rest)) = rest else { return named(&script.path, error) };
    let rest = if rest.is_empty() { "the end of the line".to_owned() } else { format!("`{rest}`") };
    format!(
        "{}, line {line}: {rest} cannot be read. A command and its words stand on one line; words \
         hold letters, digits and _ - . / @, and anything else goes into quotation marks. A list is \
         written with /, like S1/S2",
        file_name(&script.path)
    )
}

/// Holds the transcript against the snapshot beside the script. Only `cargo xtask bless` writes one, by
/// `insta`, and of the reference: a wrong server that is judged must never have its way recorded.
fn compare(script: &Script, run: &Run, needs_snapshot: bool) -> Verdict {
    let folder = script.path.parent().unwrap_or(Path::new(".")).join("snapshots");
    let name = script.path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let name = name.unwrap_or_default();
    let file = folder.join(format!("{name}.snap"));
    if env::var_os("RAFT_LAB_BLESS").is_some() {
        return bless(&folder, &name, &run.transcript);
    }
    match fs::read_to_string(&file).map(|snapshot| snapshot.replace("\r\n", "\n")) {
        Ok(snapshot) if content(&snapshot).trim_end() == run.transcript.trim_end() => Ok(()),
        Ok(snapshot) => Err(difference(script, content(&snapshot), run)),
        Err(_) if !needs_snapshot => Ok(()),
        Err(_) => Err(Failure::new(
            "a snapshot beside the scenario",
            format!("there is none in {}: `cargo xtask bless` makes it", file.display()),
        )),
    }
}

/// Writes the snapshot.
fn bless(folder: &Path, name: &str, transcript: &str) -> Verdict {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(folder);
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let written = panic::catch_unwind(AssertUnwindSafe(|| {
        settings.bind(|| insta::assert_snapshot!(name, transcript));
    }));
    written.map_err(|_| {
        Failure::new("a new snapshot", format!("insta did not write it into {}", folder.display()))
    })
}

/// What stands in a snapshot file below its header.
fn content(snapshot: &str) -> &str {
    snapshot.splitn(3, "---\n").nth(2).unwrap_or(snapshot)
}

/// The first block whose outcome is another.
fn difference(script: &Script, expected: &str, run: &Run) -> Box<Failure> {
    let expected = outcomes(expected);
    let happened = outcomes(&run.transcript);
    let differs = |number: &usize| expected.get(*number) != happened.get(*number);
    let Some(number) = (0..script.blocks.len()).find(differs) else {
        return Failure::new(
            "the snapshot of this script",
            "a snapshot of an older version of it: `cargo xtask bless` renews it",
        );
    };
    let block = &script.blocks[number];
    let text = |outcomes: &[String]| outcomes.get(number).cloned().unwrap_or_default();
    let mut failure = Failure::new(text(&expected), text(&happened));
    let mut step = String::new();
    for (line, command) in &block.commands {
        let _ = writeln!(step, "{}, line {line}: {command}", file_name(&script.path));
    }
    step.trim_end().clone_into(&mut failure.step);
    give_reason(&mut failure, &block.reason, &script.header.why);
    failure
}

/// What each block of a transcript showed.
fn outcomes(transcript: &str) -> Vec<String> {
    let mut outcomes = Vec::new();
    let mut lines = transcript.lines();
    while lines.by_ref().any(|line| line == "---") {
        let shown: Vec<&str> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        outcomes.push(shown.join("\n"));
    }
    outcomes
}

/// The block's own reason comes before that of the scenario; a broken property's comes before both.
fn give_reason(failure: &mut Failure, block: &str, scenario: &str) {
    let own = failure.why.take();
    let reasons = own.as_deref().into_iter().chain([block, scenario]);
    let reasons: Vec<&str> = reasons.filter(|reason| !reason.is_empty()).collect();
    // Without any, that of the check stands.
    failure.why = Some(reasons.join("\n")).filter(|reasons| !reasons.is_empty());
}

/// The failure with what happened in the block.
fn with_story(mut failure: Box<Failure>, runner: &ScenarioRunner) -> Box<Failure> {
    let story = transcript::story(&runner.trace()[runner.block_began()..]);
    if story.is_empty() {
        return failure;
    }
    let left_out = story.len().saturating_sub(STORY);
    failure.notes.push(transcript::told(
        "What happened in this block:",
        &story[left_out..],
        left_out,
    ));
    failure
}

fn named(path: &Path, fault: &str) -> String {
    format!("{}: {fault}", file_name(path))
}

pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
