//! Exercise 3.7: a client's command enters the leader's log.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{RaftNode, Role};
use super::servers::{S2, S3, candidate, follower, has_log, leader, sent, server, terms};
use super::subject::protocol::{
    Bytes, ClientError, ClientRequest, Effect, Event, Index, Payload, RequestId,
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
     modules, and are refused until then.";

/// Exercise 4.6 asks for this answer; until then it is as good as a plain refusal.
const NOT_LEADER: &str = "not the leader, and knows none";

const ID: RequestId = RequestId(7);

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.7")
        .about("client_request")
        .claims([
            ("A leader appends a command to its log, in its own term", APPEND, appends),
            ("A new entry is sent to every follower", ONWARD, sends),
            ("A client is not answered before its command is applied", LATER, waits),
            ("Who does not lead refuses a command, and appends nothing", LEADERS, refuses),
            ("A leader refuses what is not a command", QUERIES, not_commands),
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

/// What the client is told, in words.
fn told(effects: &[Effect]) -> String {
    let told = |effect: &Effect| match effect {
        Effect::Client { id, result } if *id == ID => Some(match result {
            Ok(result) => format!("the result {:?}", String::from_utf8_lossy(result)),
            Err(ClientError::Refused) => "refused".to_owned(),
            Err(ClientError::NotLeader(None)) => NOT_LEADER.to_owned(),
            Err(ClientError::NotLeader(Some(leader))) => format!("not the leader; {leader} leads"),
            Err(ClientError::Unknown) => "unknown: may or may not be executed".to_owned(),
        }),
        Effect::Client { .. } => Some("an answer for another request".to_owned()),
        _ => None,
    };
    let told: Vec<String> = effects.iter().filter_map(told).collect();
    if told.is_empty() { "nothing".to_owned() } else { told.join(", and then ") }
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
    check.same_text("the client is told", &told(&effects), "nothing")
}

fn refuses(check: &mut Context) -> Verdict {
    let following = Role::Follower { leader: Some(S2) };
    for role in [follower(), following, candidate()] {
        let mut answers = vec!["refused".to_owned(), NOT_LEADER.to_owned()];
        if let Role::Follower { leader: Some(leader) } = role {
            answers.push(format!("not the leader; {leader} leads"));
        }
        let mut node = server(table(7), 3, 4, role, &[1, 1]);
        let effects = asks(check, &mut node, command())?;
        has_log(check, &node, &[1, 1])?;
        check.equal("the number of calls", sent(&effects).len(), 0)?;
        let told = told(&effects);
        let expected = format!("the client is told: {}", answers.join(", or: "));
        check
            .holds(answers.contains(&told), expected, format!("the client is told: {told}"))
            .map_err(|failure| failure.because(REJECTED))?;
    }
    Ok(())
}

fn not_commands(check: &mut Context) -> Verdict {
    for request in [query(), ClientRequest::Transfer(S2)] {
        let mut node = leading(&[1, 1]);
        let effects = asks(check, &mut node, request)?;
        check.same_text("the client is told", &told(&effects), "refused")?;
        has_log(check, &node, &[1, 1])?;
    }
    Ok(())
}
