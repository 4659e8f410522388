//! `explore`: every order of events from this point on, within bounds.

use protocol::{Bytes, ClientRequest, Command, ServerId};
use simulator::{Bounds, Live};

use crate::ExerciseId;
use crate::scenario::explored::{self, bounds_in_words};
use crate::scenario::runner::ScenarioRunner;
use crate::scenario::words::{self, Fault, Words};

/// From this exercise on, a leader commits.
const COMMITS: ExerciseId = ExerciseId { module: 4, number: 2 };

const ARGUMENTS: &str = "[elections=N] [heartbeats=N] [duplicates=N] [quiet=N] [campaigners=SERVERS] \
                         [states=N] [calls=ignored] [quick] [live], and what clients ask, in this order: \
                         client SERVER \"COMMAND\", query SERVER \"QUERY\", change SERVER SERVERS, \
                         transfer SERVER SERVER";

pub(super) fn explore(runner: &mut ScenarioRunner, words: Words<'_>) -> Result<String, Fault> {
    let bounds = bounds(runner, words)?;
    if runner.explores {
        explored::explore(runner, &bounds)?;
    }
    Ok(format!("explored: {}; nothing is wrong", bounds_in_words(&bounds)))
}

fn bounds(runner: &ScenarioRunner, mut words: Words<'_>) -> Result<Bounds, Fault> {
    let mut bounds = Bounds::default();
    let count =
        |words: &mut Words<'_>, key| Ok::<u8, Fault>(words.read(key, words::times)?.unwrap_or(0));
    bounds.elections = count(&mut words, "elections")?;
    bounds.heartbeats = count(&mut words, "heartbeats")?;
    bounds.duplicates = count(&mut words, "duplicates")?;
    bounds.quiet = count(&mut words, "quiet")?;
    bounds.campaigners = words.read("campaigners", words::servers)?;
    let states = words.read("states", words::limit)?.unwrap_or(bounds.states);
    bounds.states = runner.lens.states(states);
    bounds.ignores_calls = words.read("calls", ignored)?.is_some();
    while let Some(word) = words.next() {
        match word {
            "quick" => bounds.quick = true,
            "live" => {
                let commits = runner.exercise.is_some_and(|exercise| exercise >= COMMITS);
                bounds.live = Some(if commits { Live::Commit } else { Live::Leader });
            }
            "client" | "query" | "change" | "transfer" => {
                bounds.clients.push(request(runner, word, &mut words)?);
            }
            _ => return Err(Fault::word(word, format!("`explore` takes {ARGUMENTS}"))),
        }
    }
    words.end_of(ARGUMENTS)?;
    let servers = bounds.campaigners.iter().flatten().copied();
    let asked = bounds.clients.iter().map(|&(to, _)| to);
    servers.chain(asked).try_for_each(|id| runner.check_exists(id))?;
    Ok(bounds)
}

fn ignored(word: &str) -> Result<(), Fault> {
    if word == "ignored" { Ok(()) } else { Err(Fault::word(word, "it must be `calls=ignored`")) }
}

/// What a client asks, and the server that it asks.
fn request(
    runner: &ScenarioRunner,
    command: &str,
    words: &mut Words<'_>,
) -> Result<(ServerId, ClientRequest), Fault> {
    let mut next = |what: &str| {
        words.next().ok_or_else(|| Fault::Script(format!("`{command}` in `explore` needs {what}")))
    };
    let to = words::server(next("the server that is asked")?)?;
    let request = match command {
        "client" => ClientRequest::Command(Command::from(next("the command, in quotation marks")?)),
        "query" => {
            let query = next("the query, in quotation marks")?;
            ClientRequest::Query(Bytes::copy_from_slice(query.as_bytes()))
        }
        "change" => {
            let members = words::servers(next("the new members of the cluster, like S1/S2/S4")?)?;
            members.iter().try_for_each(|&id| runner.check_exists(id))?;
            ClientRequest::Change(members)
        }
        _ => ClientRequest::Transfer(words::server(next("the server that is to lead")?)?),
    };
    Ok((to, request))
}
