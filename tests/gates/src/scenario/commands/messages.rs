//! `deliver`, `lose`, `hold`, `release` and `duplicate`: what happens to messages in the network.

use std::collections::BTreeSet;

use simulator::{MessageAct, Scripted, Selector};

use crate::Failure;
use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

/// The kinds of messages, as selectors name them.
const KINDS: [&str; 10] = [
    "RequestVote",
    "RequestVoteReply",
    "AppendEntries",
    "AppendEntriesReply",
    "InstallSnapshot",
    "InstallSnapshotReply",
    "PreVote",
    "PreVoteReply",
    "TimeoutNow",
    "TimeoutNowReply",
];

pub(super) fn deliver(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    select(runner, words, MessageAct::Deliver, |world, selector| Ok(world.deliver(selector)?))
}

pub(super) fn lose(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    select(runner, words, MessageAct::Lose, |world, selector| Ok(world.lose(selector)))
}

pub(super) fn hold(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    select(runner, words, MessageAct::Hold, |world, selector| Ok(world.hold(selector, true)))
}

pub(super) fn release(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    select(runner, words, MessageAct::Release, |world, selector| Ok(world.hold(selector, false)))
}

pub(super) fn duplicate(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    select(runner, words, MessageAct::Duplicate, |world, selector| Ok(world.duplicate(selector)))
}

/// Does something with the messages that the words select. It is an error if there are none: the script means a
/// message that a right server would have sent.
fn select(
    runner: &mut ScenarioRunner,
    mut words: Words<'_>,
    what: MessageAct,
    act: impl FnOnce(&mut Scripted, &Selector) -> Result<usize, Fault>,
) -> Result<String, Fault> {
    let command = words.command();
    let selector = selector(&mut words)?;
    words.end()?;
    let world = runner.world()?;
    // This comes before the command, which may deliver messages that cause others to be sent.
    let there: BTreeSet<String> = world
        .in_flight()
        .filter(|&(_, held)| what.finds(held))
        .map(|(message, _)| format!("{}→{} {}", message.from, message.to, message.kind()))
        .collect();
    if act(world, &selector)? > 0 { Ok(String::new()) } else { Err(none_found(command, there)) }
}

fn selector(words: &mut Words<'_>) -> Result<Selector, Fault> {
    let kind = words.key("kind").map(str::to_owned);
    if let Some(kind) = kind.as_ref().filter(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(Fault::word(kind, format!("it must be one of {}", KINDS.join(", "))));
    }
    Ok(Selector {
        from: words.read("from", words::servers)?,
        to: words.read("to", words::servers)?,
        kind,
        term: words.read("term", words::term)?,
        newest: words.read("newest", words::newest)?,
    })
}

fn none_found(command: &str, there: BTreeSet<String>) -> Fault {
    let there = if there.is_empty() {
        "there is none in the network".to_owned()
    } else {
        let there: Vec<String> = there.into_iter().collect();
        format!("in the network are {}", there.join(", "))
    };
    let failure = Failure::new(format!("a message that `{command}` finds"), there).note(
        "A selector that matches nothing is an error: either the script names the wrong message, or a \
         server did not send what it should.",
    );
    Fault::Subject(failure)
}
