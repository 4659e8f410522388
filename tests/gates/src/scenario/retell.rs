//! A run as a script: what a storm finds becomes something that a learner can read, replay, edit and keep.

use std::fmt::Write as _;

use protocol::{ClientRequest, Config, Members, ServerId, Timer};
use simulator::{Action, Cluster, Trouble};

/// The script of a run. `cluster` has just been started and shows how many servers there are; `claim` says in one
/// sentence what the run shows; `exercise` and `why` go into the header.
pub(crate) fn script(
    cluster: &Cluster,
    actions: &[Action],
    claim: &str,
    exercise: &str,
    why: &str,
) -> String {
    let mut text = format!("# {claim}.\n#\n# exercise: {exercise}\n# why: {why}\n\n");
    text.push_str(&beginning(cluster));
    for action in actions {
        let _ = match action {
            Action::Fire(server, Timer::Election) => writeln!(text, "timeout {server}"),
            Action::Fire(server, Timer::Heartbeat) => writeln!(text, "heartbeat {server}"),
            Action::Fire(server, Timer::LeaderLease) => writeln!(text, "lease {server}"),
            Action::Deliver(named) => writeln!(text, "deliver {named}"),
            Action::DeliverCopy(named) => {
                writeln!(text, "duplicate {named}\ndeliver {named}")
            }
            Action::Client(server, ClientRequest::Command(command)) => {
                let words = String::from_utf8_lossy(&command.bytes).into_owned();
                let session = command.session.map_or_else(String::new, |session| {
                    format!(" session={}/{}", session.client.0, session.serial)
                });
                writeln!(text, "client {server} {words:?}{session}")
            }
            Action::Client(server, ClientRequest::Query(query)) => {
                writeln!(text, "query {server} {:?}", String::from_utf8_lossy(query))
            }
            Action::Client(server, ClientRequest::Change(members)) => {
                writeln!(text, "change {server} {}", list(members))
            }
            Action::Client(server, ClientRequest::Transfer(to)) => {
                writeln!(text, "transfer {server} to={to}")
            }
            Action::Crash(server) => writeln!(text, "crash {server}"),
            Action::Kill(server) => writeln!(text, "kill {server}"),
            Action::Trouble(server, trouble) => {
                writeln!(text, "{}", trouble_command(*server, *trouble))
            }
            Action::Restart(server) => writeln!(text, "restart {server}"),
        };
    }
    text.push_str("---\n");
    text
}

/// The number of servers, how many of them wait to be added, and the limits that differ from the usual ones.
fn beginning(cluster: &Cluster) -> String {
    let waits = |id: &&_| cluster.first_members_of(**id).is_empty();
    let waiting = cluster.servers().iter().filter(waits).count();
    let mut text = format!("cluster {}", cluster.servers().len() - waiting);
    if waiting > 0 {
        let _ = write!(text, " waiting={waiting}");
    }
    text.push('\n');
    let limits = |config: &Config| {
        [config.snapshot_entries, config.snapshot_tail, config.snapshot_chunk, config.max_entries]
    };
    let (limits, usual) = (limits(cluster.config()), limits(&Config::default()));
    let names = ["snapshot", "tail", "chunk", "batch"].into_iter();
    let other = names.zip(limits).zip(usual).filter(|((_, limit), usual)| limit != usual);
    let other: Vec<String> = other.map(|((name, limit), _)| format!(" {name}={limit}")).collect();
    if !other.is_empty() {
        let _ = writeln!(text, "config{}", other.concat());
    }
    text
}

/// The command that plans this fault.
fn trouble_command(server: ServerId, trouble: Trouble) -> String {
    match trouble {
        Trouble::Write { written } => format!("fail {server} write written={written}"),
        Trouble::Sync { written } => format!("fail {server} sync written={written}"),
        Trouble::Read => format!("fail {server} read"),
        Trouble::Full { written } => format!("fail {server} full written={written}"),
        Trouble::Crash { torn } => format!("crash {server} during=write torn={torn}"),
        Trouble::Kill { torn } => format!("kill {server} during=write torn={torn}"),
    }
}

fn list(members: &Members) -> String {
    members.iter().map(ToString::to_string).collect::<Vec<_>>().join("/")
}
