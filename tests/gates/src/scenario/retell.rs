//! A run as a script: what random storms find becomes something that one can read, replay, edit and keep.

use std::fmt::Write as _;

use protocol::{ClientRequest, Timer};
use simulator::Action;

/// The script of a run with `servers` servers that were just started. `claim` says in one sentence what
/// the run shows; `exercise` and `why` go into the header.
pub(crate) fn script(
    servers: u64,
    actions: &[Action],
    claim: &str,
    exercise: &str,
    why: &str,
) -> String {
    let mut text = format!("# {claim}.\n#\n# exercise: {exercise}\n# why: {why}\n\n");
    let _ = writeln!(text, "cluster {servers}");
    for action in actions {
        let _ = match action {
            Action::Fire(server, Timer::Election) => writeln!(text, "timeout {server}"),
            Action::Fire(server, Timer::Heartbeat) => writeln!(text, "heartbeat {server}"),
            Action::Fire(server, Timer::Quiet) => writeln!(text, "# {server}: quiet timer"),
            Action::Deliver(named) => writeln!(text, "deliver {named}"),
            Action::DeliverCopy(named) => {
                writeln!(text, "duplicate {named}\ndeliver {named}")
            }
            Action::Client(server, ClientRequest::Command(command)) => {
                let words = String::from_utf8_lossy(&command.bytes).into_owned();
                writeln!(text, "client {server} {words:?}")
            }
            Action::Client(server, ClientRequest::Query(query)) => {
                writeln!(text, "query {server} {:?}", String::from_utf8_lossy(query))
            }
            Action::Client(server, other) => writeln!(text, "# {server}: {other:?}"),
            Action::Crash(server) => writeln!(text, "crash {server}"),
            Action::Restart(server) => writeln!(text, "restart {server}"),
        };
    }
    text.push_str("---\n");
    text
}
