//! Exercise 4.9 (bonus): exactly once. What clients see of it is in scenarios.

use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::server;
use super::subject::protocol::{Bytes, ClientId, Command, Session};
use super::subject::{remember, result_of};
use super::table;

const SERIAL: &str = "§8: clients \"assign unique serial numbers to every command. Then, the state machine \
     tracks the latest serial number processed for each client, along with the associated response. If it \
     receives a command whose serial number has already been executed, it responds immediately without \
     re-executing the request.\"";

const JUMPS: &str = "§8: serial numbers are \"unique\", and the latest counts. Nothing says that they are consecutive: a \
     client may have sent commands that were never committed.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.9")
        .each([
            (
                "result_of",
                "A command that was executed has the result that it had then",
                SERIAL,
                again,
            ),
            ("remember", "The latest serial number of a client counts", SERIAL, latest),
            ("result_of", "Clients are told apart", SERIAL, apart),
            (
                "result_of",
                "Serial numbers may jump: a higher one is new, a lower one is not",
                JUMPS,
                jumps,
            ),
            ("result_of", "A command without a session is new each time", SERIAL, without),
        ])
        .list()
}

fn command(client: u64, serial: u64) -> Command {
    let session = Some(Session { client: ClientId(client), serial });
    Command { session, ..Command::from("append x a") }
}

/// Has a command been executed, as the server remembers?
fn knows(
    check: &mut Context,
    node: &RaftNode,
    command: &Command,
    expected: Option<&str>,
) -> Verdict {
    let whose = command.session.map_or("a command without a session".to_owned(), |session| {
        format!("{}'s command {}", session.client, session.serial)
    });
    check.step(format!(
        "{}; result_of {whose}",
        check.current_step().split(';').next().unwrap_or_default()
    ));
    let result = result_of(node, command);
    let told = |result: Option<&str>| match result {
        Some(result) => format!("it was executed, with the result {result}"),
        None => "it is new".to_owned(),
    };
    let result = result.map(|result| String::from_utf8_lossy(&result).into_owned());
    check.same_text("the command", &told(result.as_deref()), &told(expected))
}

/// The server remembers the results of commands: client, serial number, result.
fn remembering(check: &mut Context, results: &[(u64, u64, &'static str)]) -> RaftNode {
    let mut node = server(table(9), 3, 2, &[]);
    let mut told = Vec::new();
    for &(client, serial, result) in results {
        remember(&mut node, &command(client, serial), &Bytes::from_static(result.as_bytes()));
        told.push(format!("client {client}'s command {serial}, with the result {result}"));
    }
    check.step(format!("executed were {}", told.join(", and ")));
    node
}

fn again(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 1, "a")]);
    knows(check, &node, &command(7, 1), Some("a"))?;
    knows(check, &node, &command(7, 2), None)
}

fn latest(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 1, "a"), (7, 2, "ab")]);
    knows(check, &node, &command(7, 2), Some("ab"))?;
    knows(check, &node, &command(7, 3), None)?;
    check.step("executed were client 7's commands 1 and 2; result_of command 1");
    let executed = result_of(&node, &command(7, 1)).is_some();
    check.holds(executed, "it is known to be executed", "it is taken for a new one")
}

fn apart(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 3, "a"), (8, 1, "ab")]);
    knows(check, &node, &command(7, 3), Some("a"))?;
    knows(check, &node, &command(8, 1), Some("ab"))?;
    knows(check, &node, &command(8, 2), None)?;
    knows(check, &node, &command(9, 1), None)
}

fn jumps(check: &mut Context) -> Verdict {
    let node = remembering(check, &[(7, 3, "a"), (7, 8, "ab")]);
    knows(check, &node, &command(7, 8), Some("ab"))?;
    knows(check, &node, &command(7, 100), None)?;
    for serial in [1, 3, 7] {
        check
            .step(format!("executed were client 7's commands 3 and 8; result_of command {serial}"));
        let executed = result_of(&node, &command(7, serial)).is_some();
        check.holds(executed, "it is not executed any more", "it is taken for a new one")?;
    }
    Ok(())
}

fn without(check: &mut Context) -> Verdict {
    let mut node = remembering(check, &[(7, 1, "a")]);
    let plain = Command { session: None, ..command(7, 1) };
    remember(&mut node, &plain, &Bytes::from_static(b"aa"));
    knows(check, &node, &plain, None)?;
    knows(check, &node, &command(7, 1), Some("a"))
}
