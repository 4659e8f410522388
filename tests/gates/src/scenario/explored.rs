//! An exploration from one point of a script: its finding, as a failure and as a script.

use std::fmt::Write as _;

use protocol::{Members, Timer};
use simulator::{
    Action, Bounds, EndStep, Exploration, Finding, Progress, ScriptError, Scripted, Violation,
    explore as search,
};

use super::retell::command;
use super::runner::{Found, ScenarioRunner};
use super::transcript;
use super::words::Fault;
use crate::Failure;

const ELECTS: &str = "§5.2, §5.4.1: a server whose log is at least as up to date as those of a majority can win \
                      an election; randomized timeouts see to it that some server asks when the others listen";
const COMMITS: &str = "§5.3: a leader that reaches a majority commits what clients ask for; if followers lack \
                       entries, it retries until they have them";
const ONE_STORE: &str = "§8: \"each operation appears to execute instantaneously, exactly once, at some point \
                         between its invocation and its response\" (linearizability)";

/// Explores every order of events from here on.
///
/// # Errors
/// What was found; the way to it is left in the runner.
pub(super) fn explore(runner: &mut ScenarioRunner, bounds: &Bounds) -> Result<(), Fault> {
    runner.world()?;
    let Some(world) = &runner.world else { return Ok(()) };
    let disks = world.cluster.servers().iter().filter_map(|&id| world.cluster.disk(id));
    if disks.into_iter().any(|disk| disk.has_failed() || disk.has_trouble()) {
        let why = "an exploration begins with disks that work, and none of which is about to fail";
        return Err(Fault::Script(why.to_owned()));
    }
    let report = runner.report;
    let again = || repeated(runner);
    let mut tell = |progress: &Progress| {
        if let Some(report) = report {
            report(&progress.to_string());
        }
    };
    let exploration = search(world, &again, bounds, &mut tell)?;
    let summary = summary(&exploration, bounds);
    let found = exploration.violation.map(|violation| {
        let failure = failure(&violation, &summary);
        let lines = lines(&violation, world.asked().len());
        (failure, Found { lines, events: violation.actions.len() })
    });
    runner.explored.push(summary);
    let Some((failure, found)) = found else { return Ok(()) };
    runner.found = Some(found);
    Err(Fault::Subject(failure))
}

/// The world again, as it was before the command that explores.
fn repeated(runner: &ScenarioRunner) -> Result<Scripted, ScriptError> {
    let mut again = runner.fresh();
    for command in &runner.done {
        // A command that must fail, as in `! timeout S1`, has failed the first time too.
        let _ = (runner.carry_out)(&mut again, command);
    }
    again.world().map_err(|_| ScriptError::Impossible("the script has no cluster".to_owned()))?;
    match again.world {
        Some(world) => Ok(world),
        None => Err(ScriptError::Impossible("the script has no cluster".to_owned())),
    }
}

/// What a search was allowed to do, in words: `2 elections, 1 heartbeat, client S1 "set x 1"`.
pub(super) fn bounds_in_words(bounds: &Bounds) -> String {
    let counted = [
        (bounds.elections, "election"),
        (bounds.heartbeats, "heartbeat"),
        (bounds.duplicates, "duplicate"),
        (bounds.quiet, "leader lease"),
    ];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0);
    let mut words: Vec<String> = counted
        .map(|(count, what)| format!("{count} {what}{}", if count == 1 { "" } else { "s" }))
        .collect();
    if let Some(servers) = &bounds.campaigners {
        words.push(format!("only {} may start an election", any_of(servers)));
    }
    let asked = bounds.clients.iter().cloned().map(|(to, request)| Action::Client(to, request));
    words.extend(asked.map(|action| command(&action)));
    if words.is_empty() {
        words.push("messages only".to_owned());
    }
    words.join(", ")
}

/// How far a search came, and whether it has visited everything within its bounds.
fn summary(exploration: &Exploration, bounds: &Bounds) -> String {
    let Exploration { progress, complete, copied, tried_out, .. } = exploration;
    let mut text = format!(
        "{}: {} states, {} events handled, up to {} events deep",
        bounds_in_words(bounds),
        progress.states,
        progress.steps,
        progress.depth
    );
    if bounds.live.is_some() {
        let _ = write!(text, "; whether a leader can be elected was tried {tried_out} times");
    }
    text.push_str(match (exploration.violation.is_some(), complete) {
        (true, _) if bounds.quick => "; no way with fewer events is known",
        (true, _) => "; there is no way with fewer events",
        (false, true) if bounds.quick => "; complete, but for messages that do nothing",
        (false, true) => "; complete",
        (false, false) => "; not complete: `states=` has ended it",
    });
    if !copied {
        text.push_str(" (the servers cannot be copied, so runs were repeated)");
    }
    text
}

/// `S1, S2 or S3`
fn any_of(servers: &Members) -> String {
    let names: Vec<String> = servers.iter().map(ToString::to_string).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "no server".to_owned(),
    }
}

fn failure(violation: &Violation, summary: &str) -> Box<Failure> {
    let failure = match &violation.finding {
        Finding::Stop(stop) => transcript::stopped(stop),
        Finding::NotLinearizable(verdict) => Failure::new(
            "what the clients saw could have come from one single store",
            verdict.to_string(),
        )
        .because(ONE_STORE),
        Finding::NoLeader(up) => Failure::new(
            format!("with all other servers cut off, {} comes to lead", any_of(up)),
            "each of them has timed out three times in turn, and none leads".to_owned(),
        )
        .because(ELECTS),
        Finding::NoCommit(up) => Failure::new(
            format!("with all other servers cut off, {} leads and commits a command", any_of(up)),
            "after eight heartbeats, the command is not committed".to_owned(),
        )
        .because(COMMITS),
    };
    failure.note(format!("Found by exploring every order of events. {}.", capital(summary)))
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

/// The way to what was found, as lines of a script. `asked` is the number of requests before it.
fn lines(violation: &Violation, asked: usize) -> Vec<String> {
    let mut lines: Vec<String> = violation.actions.iter().map(command).collect();
    if let Finding::NotLinearizable(_) = violation.finding {
        must_not_be_heard(violation, asked, &mut lines);
    }
    lines.extend(violation.ending.iter().map(end_step));
    lines.iter().flat_map(|line| line.lines()).map(str::to_owned).collect()
}

/// The client that heard the result that cannot be explained must not hear it. If the request came before the
/// exploration, a comment says so.
fn must_not_be_heard(violation: &Violation, asked: usize, lines: &mut Vec<String>) {
    let Some((id, server, answer)) = violation.world.answers().last() else { return };
    let result = crate::clients::in_words(answer);
    let number = usize::try_from(id.0).unwrap_or(usize::MAX).checked_sub(asked + 1);
    let asks = |(_, action): &(usize, &Action)| matches!(action, Action::Client(..));
    let asking = violation.actions.iter().enumerate().filter(asks);
    let line = number.and_then(|number| asking.map(|(place, _)| place).nth(number));
    match line.and_then(|line| lines.get_mut(line)) {
        Some(line) => {
            let _ = write!(line, " not={result:?}");
        }
        None => lines.push(format!("# {server} has answered request {id} with {result}.")),
    }
}

fn end_step(step: &EndStep) -> String {
    match step {
        EndStep::Lose => "lose".to_owned(),
        EndStep::OnlyUp(up) => {
            let names: Vec<String> = up.iter().map(ToString::to_string).collect();
            format!("partition {}", names.join("/"))
        }
        EndStep::Deliver => "deliver".to_owned(),
        EndStep::Fire(id, Timer::Election) => format!("timeout {id}"),
        EndStep::Fire(id, Timer::Heartbeat) => format!("heartbeat {id}"),
        EndStep::Fire(id, Timer::LeaderLease) => format!("lease {id}"),
        EndStep::Command(id) => format!("client {id} {:?}", EndStep::COMMAND),
        EndStep::ExpectLeader => "expect leaders=any".to_owned(),
        EndStep::ExpectCommit(id, index) => format!("expect {id} commit={index}"),
    }
}
