//! Exercise 4.9 (bonus): exactly once. What clients see of it is in `repeating.rs`.

use gates::clients::{answers_to, in_words};
use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{leader, server};
use super::subject::protocol::{
    Bytes, ClientError, ClientId, ClientRequest, Command, Event, Index, Payload, RequestId, Session,
};
use super::subject::{answer_without_executing, open_session, remember};
use super::table;

const SERIAL: &str = "§8: clients \"assign unique serial numbers to every command. Then, the state machine \
     tracks the latest serial number processed for each client, along with the associated response. If it \
     receives a command whose serial number has already been executed, it responds immediately without \
     re-executing the request.\"";

const JUMPS: &str = "§8: serial numbers are \"unique\", and the latest counts. Nothing says that they are consecutive: a \
     client may have sent commands that were never committed.";

const OLDER: &str = "§8: only the latest serial number is kept \"along with the associated response\". The response to an \
     older command is gone, and that to the latest belongs to another command.";

const IN_LOG: &str = "Dissertation §6.3, Figure 6.1, RegisterClient RPC: a leader appends the registration to its log and \
     answers when it is applied. An id that it chose alone, another leader could choose too.";

const ID: &str = "Dissertation §6.3, Figure 6.1, RegisterClient RPC: the session is allocated when the entry is applied, in \
     log order. The entry's index is the client's id, since no other entry will ever have it.";

const LIMIT: &str = "Dissertation §6.3: servers cannot keep sessions forever, and must agree on which one ends. Here it is \
     the one that the log has used least recently.";

const EXPIRED: &str = "Dissertation §6.3, Figure 6.1, ClientRequest RPC: without a record of the client, nobody knows whether \
     its command was executed before. So it must not be executed now, and the client must hear of it.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.9")
        .each([
            ("register", "A registration is an entry of the log", IN_LOG, registered),
            ("open_session", "A client's id is the index of its registration", ID, opened),
            (
                "answer_without_executing",
                "A command that was executed has the result that it had then",
                SERIAL,
                again,
            ),
            ("remember", "The latest serial number of a client counts", SERIAL, latest),
            ("answer_without_executing", "Clients are distinguished", SERIAL, apart),
            (
                "answer_without_executing",
                "Serial numbers may jump: a higher one is new, a lower one is not",
                JUMPS,
                jumps,
            ),
            (
                "answer_without_executing",
                "A command older than the latest never gets the result of the latest",
                OLDER,
                older,
            ),
            (
                "answer_without_executing",
                "A command without a session is new each time",
                SERIAL,
                without,
            ),
            (
                "answer_without_executing",
                "A command of a session that does not exist is not executed",
                EXPIRED,
                unknown,
            ),
            ("open_session", "At the limit, the least recently used session ends", LIMIT, limit),
        ])
        .list()
}

fn command(client: u64, serial: u64) -> Command {
    let session = Some(Session { client: ClientId(client), serial });
    Command { session, ..Command::from("append x a") }
}

/// What the server does with a command, as it remembers.
fn knows(
    check: &mut Context,
    node: &RaftNode,
    command: &Command,
    expected: Option<Result<&str, ClientError>>,
) -> Verdict {
    let whose = command.session.map_or("a command without a session".to_owned(), |session| {
        format!("{}'s command {}", session.client, session.serial)
    });
    check.step(format!(
        "{}; answer_without_executing for {whose}",
        check.current_step().split(';').next().unwrap_or_default()
    ));
    let told = |answer: Option<Result<Bytes, ClientError>>| match answer {
        Some(Ok(result)) => {
            format!("it was executed, with the result {}", String::from_utf8_lossy(&result))
        }
        Some(Err(error)) => format!("it is not executed, and its client gets {error:?}"),
        None => "it is new".to_owned(),
    };
    let expected =
        expected.map(|answer| answer.map(|text| Bytes::copy_from_slice(text.as_bytes())));
    let answer = answer_without_executing(node, command);
    check.same_text("the command", &told(answer), &told(expected))
}

/// The server has executed commands: client, serial number, result. The clients have registered before.
fn remembering(check: &mut Context, results: &[(u64, u64, &'static str)]) -> RaftNode {
    let mut node = server(table(9), 3, 2, &[]);
    let mut told = Vec::new();
    for (&(client, serial, result), index) in results.iter().zip(10..) {
        if !node.sessions.contains_key(&ClientId(client)) {
            open_session(&mut node, Index(client));
        }
        let result = Bytes::from_static(result.as_bytes());
        remember(&mut node, Index(index), &command(client, serial), &result);
        told.push(format!(
            "client {client}'s command {serial}, with the result {}",
            String::from_utf8_lossy(&result)
        ));
    }
    check.step(format!("executed were {}", told.join(", and ")));
    node
}

fn registered(check: &mut Context) -> Verdict {
    let mut node = server(table(9), 3, 2, &[1]);
    node.role = leader(&[(2, 0), (3, 0)]);
    check.step("S1 leads, with one entry in its log; a client registers");
    let id = RequestId(7);
    let effects =
        check.handle(&mut node, Event::Client { id, request: ClientRequest::Register })?;
    let entry = node.log.entry(Index(2)).map(|entry| (entry.payload.clone(), entry.term.0));
    let found = match &entry {
        Some((Payload::Register, 2)) => "a registration of term 2".to_owned(),
        Some((payload, term)) => format!("{payload:?} of term {term}"),
        None => "none".to_owned(),
    };
    let answers = answers_to(&effects, id);
    let told: Vec<String> = answers.iter().map(in_words).collect();
    let found = format!("the entry at index 2: {found}; the client gets: {told:?}");
    let expected = "the entry at index 2: a registration of term 2; the client gets: []";
    check.same_text("now", &found, expected)?;
    let waits = node.pending_commands.get(&Index(2)).map(|pending| pending.id);
    check.equal("the request that waits for index 2", waits, Some(id))
}

fn opened(check: &mut Context) -> Verdict {
    let mut node = server(table(9), 3, 2, &[]);
    check.step("open_session for the registrations at index 2 and 5; then");
    open_session(&mut node, Index(2));
    open_session(&mut node, Index(5));
    let clients: Vec<u64> = node.sessions.keys().map(|client| client.0).collect();
    check.equal("the clients that have sessions", clients, vec![2, 5])?;
    knows(check, &node, &command(2, 1), None)?;
    knows(check, &node, &command(5, 1), None)
}

fn again(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 1, "a")]);
    knows(check, &node, &command(7, 1), Some(Ok("a")))?;
    knows(check, &node, &command(7, 2), None)
}

fn latest(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 1, "a"), (7, 2, "ab")]);
    knows(check, &node, &command(7, 2), Some(Ok("ab")))?;
    knows(check, &node, &command(7, 3), None)?;
    check.step("executed were client 7's commands 1 and 2; answer_without_executing for command 1");
    let executed = answer_without_executing(&node, &command(7, 1)).is_some();
    check.holds(executed, "it is known to be executed", "it counts as a new one")
}

fn apart(check: &mut Context) -> Verdict {
    let mut node = remembering(check, &[(7, 3, "a"), (8, 1, "ab")]);
    open_session(&mut node, Index(15));
    knows(check, &node, &command(7, 3), Some(Ok("a")))?;
    knows(check, &node, &command(8, 1), Some(Ok("ab")))?;
    knows(check, &node, &command(8, 2), None)?;
    knows(check, &node, &command(15, 1), None)
}

fn jumps(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 3, "a"), (7, 8, "ab")]);
    knows(check, &node, &command(7, 8), Some(Ok("ab")))?;
    knows(check, &node, &command(7, 100), None)?;
    for serial in [1, 3, 7] {
        check.step(format!(
            "executed were client 7's commands 3 and 8; answer_without_executing for command {serial}"
        ));
        let executed = answer_without_executing(&node, &command(7, serial)).is_some();
        check.holds(executed, "it is not executed any more", "it counts as a new one")?;
    }
    Ok(())
}

fn older(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 3, "a"), (7, 8, "ab")]);
    for serial in [3, 5] {
        knows(check, &node, &command(7, serial), Some(Err(ClientError::Unknown)))?;
    }
    Ok(())
}

fn without(check: &mut Context) -> Verdict {
    let mut node = remembering(check, &[(7, 1, "a")]);
    let plain = Command { session: None, ..command(7, 1) };
    remember(&mut node, Index(11), &plain, &Bytes::from_static(b"aa"));
    knows(check, &node, &plain, None)?;
    knows(check, &node, &command(7, 1), Some(Ok("a")))
}

fn unknown(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 1, "a")]);
    for (client, serial) in [(8, 1), (8, 2)] {
        let command = command(client, serial);
        knows(check, &node, &command, Some(Err(ClientError::SessionExpired)))?;
    }
    Ok(())
}

fn limit(check: &mut Context) -> Verdict {
    let mut node = server(table(9), 3, 2, &[]);
    node.config.max_sessions = 2;
    open_session(&mut node, Index(2));
    open_session(&mut node, Index(3));
    check.step("two sessions are the limit; clients 2 and 3 have registered; then");
    knows(check, &node, &command(2, 1), None)?;
    knows(check, &node, &command(3, 1), None)?;
    remember(&mut node, Index(4), &command(2, 1), &Bytes::from_static(b"a"));
    open_session(&mut node, Index(5));
    check.step(
        "two sessions are the limit; clients 2 and 3 have registered, client 2's command 1 was executed, and \
         client 5 has registered; then",
    );
    knows(check, &node, &command(2, 1), Some(Ok("a")))?;
    knows(check, &node, &command(5, 1), None)?;
    knows(check, &node, &command(3, 1), Some(Err(ClientError::SessionExpired)))?;
    open_session(&mut node, Index(6));
    check.step("after that, client 6 has registered; then");
    knows(check, &node, &command(5, 1), None)?;
    knows(check, &node, &command(2, 1), Some(Err(ClientError::SessionExpired)))?;
    check.equal("the number of sessions", node.sessions.len(), 2)
}
