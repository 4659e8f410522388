//! A run as a script: what a storm finds becomes something that a learner can read, replay, edit and keep.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use protocol::{ClientRequest, Config, Index, Members, ServerId, Timer};
use simulator::{Action, Cluster, Conduct, InitialState, Trouble};

/// The script of a run. `cluster` has just been started and shows how many servers there are, of which some are in
/// `given` states; `claim` says in one sentence what the run shows; `exercise` and `why` go into the header.
pub(crate) fn script(
    cluster: &Cluster,
    given: &BTreeMap<ServerId, InitialState>,
    actions: &[Action],
    claim: &str,
    exercise: &str,
    why: &str,
) -> String {
    let mut text = format!("# {claim}.\n#\n# exercise: {exercise}\n# why: {why}\n\n");
    text.push_str(&beginning(cluster));
    for (id, state) in given.iter().filter(|(_, state)| !state.waits) {
        let _ = writeln!(text, "given {id} {}", state_of(state));
    }
    for line in folded(&actions.iter().flat_map(commands).collect::<Vec<_>>()) {
        let _ = writeln!(text, "{line}");
    }
    text.push_str("---\n");
    text
}

/// The command that does the same as an action; two lines for a copy of a message.
pub(super) fn command(action: &Action) -> String {
    commands(action).join("\n")
}

/// The commands of an action.
fn commands(action: &Action) -> Vec<String> {
    let command = match action {
        Action::Fire(server, Timer::Election) => format!("timeout {server}"),
        Action::Fire(server, Timer::Heartbeat) => format!("heartbeat {server}"),
        Action::Fire(server, Timer::LeaderLease) => format!("lease {server}"),
        Action::Deliver(named) => format!("deliver {named}"),
        Action::DeliverCopy(named) => {
            return vec![format!("duplicate {named}"), format!("deliver {named}")];
        }
        Action::Client(server, request) => client(*server, request),
        Action::Crash(server) => format!("crash {server}"),
        Action::Kill(server) => format!("kill {server}"),
        Action::Trouble(server, trouble) => trouble_command(*server, *trouble),
        Action::Restart(server) => format!("restart {server}"),
    };
    vec![command]
}

fn client(server: ServerId, request: &ClientRequest) -> String {
    match request {
        ClientRequest::Command(command) => {
            let words = String::from_utf8_lossy(&command.bytes).into_owned();
            let session = command.session.map_or_else(String::new, |session| {
                format!(" session={}/{}", session.client.0, session.serial)
            });
            format!("client {server} {words:?}{session}")
        }
        ClientRequest::Query(query) => {
            format!("query {server} {:?}", String::from_utf8_lossy(query))
        }
        ClientRequest::Register => format!("register {server}"),
        ClientRequest::Change(members) => format!("change {server} {}", list(members)),
        ClientRequest::Transfer(to) => format!("transfer {server} to={to}"),
    }
}

/// At most this many commands are repeated together: a round of heartbeats with its answers fits.
const LONGEST_ROUND: usize = 6;

/// The same commands, with `repeat` in place of those that only repeat what is before them.
fn folded(commands: &[String]) -> Vec<String> {
    let mut folded = Vec::new();
    let mut at = 0;
    while at < commands.len() {
        // The shortest round that is repeated at once, and that folding shortens by at least two lines.
        let round = (1..=LONGEST_ROUND).find_map(|length| {
            let round = commands.get(at..at + length)?;
            let again = commands[at + length..].chunks_exact(length);
            let times = again.take_while(|next| *next == round).count();
            (times * length > 2).then_some((length, times))
        });
        let (length, times) = round.unwrap_or((1, 0));
        folded.extend_from_slice(&commands[at..at + length]);
        match (times, length) {
            (0, _) => {}
            (_, 1) => folded.push(format!("repeat {times}")),
            _ => folded.push(format!("repeat {times} last={length}")),
        }
        at += length * (times + 1);
    }
    folded
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
        [
            config.snapshot_entries,
            config.snapshot_tail,
            config.snapshot_chunk,
            config.max_entries,
            config.max_sessions,
        ]
    };
    let (limits, usual) = (limits(cluster.config()), limits(&Config::default()));
    let names = ["snapshot", "tail", "chunk", "batch", "sessions"].into_iter();
    let other = names.zip(limits).zip(usual).filter(|((_, limit), usual)| limit != usual);
    let mut words = String::new();
    for ((name, limit), _) in other {
        let _ = write!(words, " {name}={limit}");
    }
    if let Some(conduct) = cluster.conduct {
        let _ = write!(words, " conduct={}", word_of(conduct));
    }
    if !words.is_empty() {
        let _ = writeln!(text, "config{words}");
    }
    text
}

/// The word for it in a script.
fn word_of(conduct: Conduct) -> &'static str {
    match conduct {
        Conduct::Elections => "elections",
        Conduct::Logs => "logs",
        Conduct::Commits => "commits",
    }
}

/// A follower that knows no leader and has not voted.
fn state_of(state: &InitialState) -> String {
    let terms: Vec<String> = state.log.iter().map(|entry| entry.term.to_string()).collect();
    let log = if terms.is_empty() { "none".to_owned() } else { terms.join("/") };
    let mut text = format!("term={} log={log}", state.current_term);
    if state.commit_index > Index(0) {
        let _ = write!(text, " commit={}", state.commit_index);
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

#[cfg(test)]
mod tests {
    use super::folded;

    fn lines(text: &str) -> Vec<String> {
        text.split(", ").map(str::to_owned).collect()
    }

    #[test]
    fn what_repeats_is_folded() {
        for (told, expected) in [
            ("a, b, c", "a, b, c"),
            ("a, a, b", "a, a, b"),
            ("a, a, a, b", "a, a, a, b"),
            ("a, a, a, a, b", "a, repeat 3, b"),
            ("x, a, b, a, b, a, b, y", "x, a, b, repeat 2 last=2, y"),
            ("a, b, c, a, b, c, a", "a, b, c, repeat 1 last=3, a"),
        ] {
            assert_eq!(folded(&lines(told)), lines(expected), "{told}");
        }
    }
}
