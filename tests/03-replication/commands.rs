//! Exercise 3.7: a client's command enters the leader's log.

use gates::clients::{Conclusion, all_in_words, answers_to, conclusion, leader_named};
use gates::simulator::ClientAnswer;
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode, Role, Rules};
use super::servers::{S2, S3, candidate, follower, has_log, leader, sent, server, terms};
use super::subject::RULES;
use super::subject::protocol::{
    Bytes, ClientRequest, Effect, Event, Index, Payload, RequestId, ServerId,
};
use super::table;

const APPEND: &str = "Rules for Servers, Leaders (§5.3): \"If command received from client: append entry to \
     local log\". Figure 2, State: with the \"term when entry was received by leader\".";
const ONWARD: &str = "§5.3: the leader \"appends the command to its log as a new entry, then issues \
     AppendEntries RPCs in parallel to each of the other servers\".";
const LATER: &str = "Rules for Servers, Leaders (§5.3): \"respond after entry applied to state machine\". That \
     is module 4's: until then nobody may believe that the command was executed.";
const LEADERS: &str = "§5.1: \"The leader handles all client requests\". A server that is not leader must not \
     append a command: no leader made the entry, so nobody replicates it.";
const REJECTED: &str = "§8: a server that is not leader \"will reject the client's request\". The client must hear \
     of it, or it waits forever.";
const QUERIES: &str = "Only commands go through the log here; queries and changes of members come in later \
     modules, and are rejected until then.";

const NAMED: &str = "§8: a server that is not leader may \"supply information about the most recent leader it has heard \
     from\". A client goes where it is sent, so a server that names itself, or another that does not lead, keeps it from \
     the leader.";
const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 6 replaces the row \
     `replicate_to`, and its version is found only if you call `node.replicate_to` or `node.replicate_to_all`.";

const ID: RequestId = RequestId(7);

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.7")
        .about("client_request")
        .claims([
            ("A leader appends a command to its log, in its own term", APPEND, appends),
            ("A new entry is sent to every follower", ONWARD, sends),
            ("A client is not answered before its command is applied", LATER, waits),
            (
                "A server that is not leader rejects a command, and appends nothing",
                LEADERS,
                refuses,
            ),
            ("A leader rejects what is not a command", QUERIES, not_commands),
            ("A new entry is sent by the row replicate_to", TABLE, by_the_table),
        ])
        .list()
}

/// A client asks S1.
fn asks(
    check: &mut Context,
    node: &mut RaftNode,
    request: ClientRequest,
) -> Result<Vec<Effect>, Box<Failure>> {
    let what = match &request {
        ClientRequest::Command(_) => "a client sends the command `set x 1`",
        ClientRequest::Query(_) => "a client asks `get x`",
        _ => "a client asks for something else",
    };
    let role = match node.role {
        Role::Follower { .. } => "a follower",
        Role::Candidate { .. } => "a candidate",
        Role::Leader { .. } => "the leader",
    };
    check.step(format!(
        "S1 is {role} of term {}, its log {}; {what}",
        node.current_term,
        terms(&node.log)
    ));
    check.handle(node, Event::Client { id: ID, request })
}

fn command() -> ClientRequest {
    ClientRequest::Command("set x 1".into())
}

fn query() -> ClientRequest {
    ClientRequest::Query(Bytes::from_static(b"get x"))
}

fn leading(log: &[u64]) -> RaftNode {
    let next = log.len() as u64 + 1;
    server(table(7), 3, 4, leader(&[(next, 0), (next, 0)]), log)
}

/// The answers to the client.
fn answers(effects: &[Effect]) -> Vec<ClientAnswer> {
    answers_to(effects, ID)
}

/// The client must be told, once, that its request is not executed. Which error says so is up to the server; a leader
/// that it names must be the one that it knows.
fn is_refused(check: &Context, node: &RaftNode, effects: &[Effect]) -> Verdict {
    let answers = answers(effects);
    let expected = "the client learns that its request is not executed";
    let right = matches!(&answers[..], [answer] if conclusion(answer) == Conclusion::NotExecuted);
    check.holds(right, expected, format!("the client gets {}", all_in_words(&answers)))?;
    let known = match node.role {
        Role::Follower { leader } => leader,
        _ => None,
    };
    let named = answers.iter().find_map(leader_named);
    let expected = "a leader that S1 names to the client is the one that it knows";
    let named_in_words = format!("the client gets {}", all_in_words(&answers));
    let right = named.is_none() || named == known;
    check.holds(right, expected, named_in_words).map_err(|failure| failure.because(NAMED))
}

fn appends(check: &mut Context) -> Verdict {
    for before in [&[][..], &[1], &[1, 1, 3], &[4]] {
        let mut node = leading(before);
        asks(check, &mut node, command())?;
        let last = node.log.entry(Index(before.len() as u64 + 1)).cloned();
        let Some(entry) = last else {
            return Err(check.failure("one entry more in S1's log", terms(&node.log)));
        };
        check.equal("the new entry's term", entry.term.0, 4)?;
        check.equal("the new entry", entry.payload, Payload::Command("set x 1".into()))?;
        check.equal("S1's last index", node.log.last_index().0, before.len() as u64 + 1)?;
    }
    Ok(())
}

fn sends(check: &mut Context) -> Verdict {
    let mut node = leading(&[1, 1]);
    let effects = asks(check, &mut node, command())?;
    for peer in [S2, S3] {
        let carries = sent(&effects).iter().any(|(to, request)| {
            *to == peer
                && request.entries.last() == node.log.entry(node.log.last_index())
                && !request.entries.is_empty()
        });
        let expected = format!("a call to {peer} that carries the new entry");
        check.holds(carries, expected, "no such call")?;
    }
    Ok(())
}

fn waits(check: &mut Context) -> Verdict {
    let mut node = leading(&[1, 1]);
    let effects = asks(check, &mut node, command())?;
    let answers = answers(&effects);
    let expected = "the client is not answered";
    check.holds(answers.is_empty(), expected, format!("it is told {}", all_in_words(&answers)))
}

fn refuses(check: &mut Context) -> Verdict {
    let following = Role::Follower { leader: Some(S2) };
    for role in [follower(), following, candidate()] {
        let mut node = server(table(7), 3, 4, role, &[1, 1]);
        let effects = asks(check, &mut node, command())?;
        has_log(check, &node, &[1, 1])?;
        check.equal("the number of calls", sent(&effects).len(), 0)?;
        is_refused(check, &node, &effects).map_err(|failure| failure.because(REJECTED))?;
    }
    Ok(())
}

fn not_commands(check: &mut Context) -> Verdict {
    for request in [query(), ClientRequest::Transfer(S2)] {
        let mut node = leading(&[1, 1]);
        let effects = asks(check, &mut node, request)?;
        is_refused(check, &node, &effects)?;
        has_log(check, &node, &[1, 1])?;
    }
    Ok(())
}

/// Row `replicate_to` that sends nothing.
fn sends_nothing(_: &mut RaftNode, _: ServerId, _: &mut Outbox) {}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let mut node = server(&SILENT, 3, 4, leader(&[(3, 0), (3, 0)]), &[1, 1]);
    let effects = asks(check, &mut node, command())?;
    let calls = sent(&effects).len();
    let expected = "no AppendEntries, if the row replicate_to sends nothing";
    check.holds(calls == 0, expected, format!("{calls} AppendEntries, past the table"))
}
