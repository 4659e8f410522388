//! How many requests replication may take. Each bound is one that a right server meets that sends one entry
//! a request, steps back by one entry, tries again only at the next heartbeat, and makes every request twice.

use std::collections::BTreeMap;

use gates::simulator::{
    Body, InitialRole, InitialState, ScriptError, Scripted, Selector, TraceEvent,
};
use gates::{Check, Context, Failure, Verdict};

use super::model::Rules;
use super::servers::{S1, S2, entries};
use super::subject::protocol::{
    ClientRequest, Config, Entry, Reply, Request, ServerId, Term, Timer,
};
use super::{servers_with, table};

const APART: &str = "§5.3: a leader steps back until the logs agree, and then sends what follows: \"AppendEntries \
     will succeed, which removes any conflicting entries in the follower's log\". So the number of calls \
     grows with the entries that differ, and not faster.";
const QUIET: &str = "Rules for Servers, Leaders (§5.2): heartbeats go out \"during idle periods\". What is \
     known to be there is not sent again, and a success that leaves nothing to send needs no answer.";
const COMMANDS: &str = "Rules for Servers, Leaders (§5.3): \"send AppendEntries RPC with log entries starting \
     at nextIndex\". nextIndex moves on with each success, so that an entry that was acknowledged is not \
     sent again.";

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check::new("3.6", "A quiet cluster sends heartbeats, and nothing else", QUIET, quiet)
            .about("append_entries_reply"),
        Check::new("3.6", "Logs 50 entries apart are repaired in few requests", APART, apart)
            .about("append_entries_reply"),
        Check::new("3.7", "Each command travels once to each follower", COMMANDS, commands),
    ]
}

/// What was sent to a server.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Traffic {
    /// How many AppendEntries requests.
    pub(super) calls: usize,
    /// How many entries in them.
    pub(super) entries: usize,
    /// How many of the requests it rejected.
    pub(super) refusals: usize,
}

/// A world with servers whose logs have these terms; S1 leads the term after the last of them.
pub(super) fn world(
    check: &Context,
    rules: &'static Rules,
    logs: &[Vec<u64>],
) -> Result<Scripted, Box<Failure>> {
    let newest = logs.iter().flatten().max().copied().unwrap_or(0);
    let given = |(id, terms): (u64, &Vec<u64>)| {
        let leads = id == 1;
        let term = if leads { newest + 1 } else { terms.last().copied().unwrap_or(0) };
        let given = InitialState {
            current_term: Term(term),
            voted_for: leads.then_some(S1),
            log: entries(1, terms),
            role: if leads { InitialRole::Leader } else { InitialRole::default() },
            ..InitialState::default()
        };
        (ServerId(id), given)
    };
    let given: BTreeMap<ServerId, InitialState> = (1..).zip(logs).map(given).collect();
    let boot = servers_with(rules);
    told(check, Scripted::new(logs.len() as u64, Config::default(), check.seed(), boot, &given))
}

/// A world that broke off, as a failure.
pub(super) fn told<T>(check: &Context, result: Result<T, ScriptError>) -> Result<T, Box<Failure>> {
    result.map_err(|error| match &error {
        ScriptError::Stop(gates::simulator::Stop::Panic { panicked, .. })
            if panicked.todo.is_some() =>
        {
            Failure::todo(panicked.todo.clone().unwrap_or_default())
        }
        _ => check.failure("a run without a mishap", error.to_string()),
    })
}

/// What was sent to `to` so far.
pub(super) fn traffic(world: &Scripted, to: ServerId) -> Traffic {
    let mut traffic = Traffic::default();
    for traced in world.cluster.trace.as_deref().unwrap_or_default() {
        let TraceEvent::Sent { message } = &traced.what else { continue };
        match &message.body {
            Body::Request(Request::AppendEntries(request)) if message.to == to => {
                traffic.calls += 1;
                traffic.entries += request.entries.len();
            }
            Body::Reply { reply: Reply::AppendEntries(reply), .. } if message.from == to => {
                traffic.refusals += usize::from(!reply.success);
            }
            _ => {}
        }
    }
    traffic
}

/// All logs must be S1's.
pub(super) fn mended(check: &Context, world: &Scripted) -> Verdict {
    let log = |id| {
        let log: &[Entry] = world.cluster.log(id);
        let terms: Vec<String> = log.iter().map(|entry| entry.term.to_string()).collect();
        terms.join(" ")
    };
    for &id in world.cluster.members() {
        check.same_text(&format!("{id}'s log at the end"), &log(id), &log(S1))?;
    }
    Ok(())
}

/// This many entries of a term, one after the other.
pub(super) fn times(parts: &[(usize, u64)]) -> Vec<u64> {
    parts.iter().flat_map(|&(count, term)| vec![term; count]).collect()
}

fn apart(check: &mut Context) -> Verdict {
    let leader = times(&[(10, 1), (25, 5), (25, 6)]);
    let followers = [
        ("conflict with the leader's", times(&[(10, 1), (20, 2), (20, 3), (10, 4)])),
        ("are missing", times(&[(10, 1)])),
    ];
    for (fault, follower) in followers {
        check.step(format!(
            "S1 leads, with 60 entries in its log; the last 50 of S2's {fault}; settle"
        ));
        let mut world = world(check, table(6), &[leader.clone(), follower, leader.clone()])?;
        told(check, world.settle())?;
        mended(check, &world)?;
        let Traffic { calls, .. } = traffic(&world, S2);
        // 50 steps back and 50 entries forth, twice, and the heartbeats by which `settle` sees the end.
        let most = 2 * (50 + 50) + 20;
        let happened = format!("{calls} calls");
        check.holds(calls <= most, format!("at most {most} calls to S2"), happened)?;
    }
    Ok(())
}

/// Delivers until nothing is under way any more; this many messages are too many.
fn deliver_all(check: &Context, world: &mut Scripted) -> Verdict {
    for _ in 0..1_000 {
        if world.in_flight().next().is_none() {
            return Ok(());
        }
        told(check, world.deliver(&Selector::default()))?;
    }
    Err(check.failure("requests and replies end", "they go on and on"))
}

/// Five servers with the same log, of which S1 leads, and knows that it is so.
fn agreeing(check: &Context, rules: &'static Rules) -> Result<Scripted, Box<Failure>> {
    let mut world = world(check, rules, &vec![vec![1, 1, 2]; 5])?;
    told(check, world.settle())?;
    Ok(world)
}

fn followers() -> impl Iterator<Item = ServerId> {
    (2..=5).map(ServerId)
}

fn quiet(check: &mut Context) -> Verdict {
    const BEATS: usize = 20;
    check.step(format!("five servers with the same log; {BEATS} heartbeats of the leader"));
    let mut world = agreeing(check, table(6))?;
    let before: Vec<Traffic> = followers().map(|id| traffic(&world, id)).collect();
    for _ in 0..BEATS {
        told(check, world.fire(S1, Timer::Heartbeat))?;
        deliver_all(check, &mut world)?;
    }
    for (id, before) in followers().zip(before) {
        let after = traffic(&world, id);
        let calls = after.calls - before.calls;
        let most = 2 * BEATS;
        let right = (1..=most).contains(&calls);
        check.holds(right, format!("1 to {most} calls to {id}"), format!("{calls} calls"))?;
        let entries = after.entries - before.entries;
        check.holds(entries == 0, format!("no entries to {id}"), format!("{entries} entries"))?;
    }
    Ok(())
}

fn commands(check: &mut Context) -> Verdict {
    const COMMANDS: usize = 50;
    check.step(format!(
        "five servers with the same log; {COMMANDS} commands, one after the other, and a heartbeat after \
         each"
    ));
    let mut world = agreeing(check, table(7))?;
    let before: Vec<Traffic> = followers().map(|id| traffic(&world, id)).collect();
    for number in 0..COMMANDS {
        let command = format!("set x {number}");
        let request = ClientRequest::Command(command.as_str().into());
        told(check, world.client(S1, request, &command).map(|_| ()))?;
        deliver_all(check, &mut world)?;
        told(check, world.fire(S1, Timer::Heartbeat))?;
        deliver_all(check, &mut world)?;
    }
    mended(check, &world)?;
    let length = world.cluster.log(S1).len();
    check.equal("the length of S1's log", length, 3 + COMMANDS)?;
    for (id, before) in followers().zip(before) {
        let after = traffic(&world, id);
        let calls = after.calls - before.calls;
        // A request for the command and one for the heartbeat, each of them twice.
        let most = 4 * COMMANDS;
        check.holds(
            calls <= most,
            format!("at most {most} calls to {id}"),
            format!("{calls} calls"),
        )?;
        let entries = after.entries - before.entries;
        let most = 2 * COMMANDS;
        let expected = format!("at most {most} entries in the calls to {id}");
        check.holds(entries <= most, expected, format!("{entries} entries"))?;
    }
    Ok(())
}
