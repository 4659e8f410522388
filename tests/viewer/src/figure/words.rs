//! What a row says, as lines of text and of logs.

use simulator::Recording;

use super::header::Header;
use super::rows::{Change, Message, Row, What};
use super::state::{Role, State};

/// A line of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// The log that is shown after the text: the term of each entry, and up to which index they are committed.
    pub(super) log: Option<(Vec<u64>, u64)>,
    pub(super) looks: Looks,
}

/// How a line is set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Looks {
    /// What happens.
    #[default]
    Event,
    /// What changes.
    Change,
    /// Why a block is there.
    Caption,
}

/// The lines of a row.
pub(super) fn of(run: &Recording, header: &Header, row: &Row) -> Vec<Line> {
    let mut lines = Vec::new();
    let text = |text: String, looks| Line { text, log: None, looks };
    match &row.what {
        What::Beginning => return beginning(run, header, row),
        What::Caption(words) => return vec![text(words.clone(), Looks::Caption)],
        What::Links(words) | What::Server { words, .. } => {
            lines.push(text(words.clone(), Looks::Event));
        }
        What::Message(it) => lines.push(text(message(header, it), Looks::Event)),
    }
    lines.extend(changes(run, header, row, false));
    lines.extend(row.besides.iter().map(|words| text(words.clone(), Looks::Change)));
    lines
}

/// `S1→S2 S3 RequestVote term=1 last=0@0`.
fn message(header: &Header, message: &Message) -> String {
    let names = |servers: &std::collections::BTreeSet<u64>| {
        servers.iter().map(|&id| header.name(id)).collect::<Vec<_>>().join(" ")
    };
    let fate = if message.fate.is_empty() { String::new() } else { format!(" ({})", message.fate) };
    // Zeros say nothing, and would take a line.
    let says = message.words.split(' ').filter(|word| !EMPTY.contains(word));
    let says = says.collect::<Vec<_>>().join(" ");
    format!("{}→{} {says}{fate}", names(&message.from), names(&message.to))
}

/// Fields of messages that say nothing: the log is empty, or nothing is committed.
const EMPTY: [&str; 3] = ["last=0@0", "prev=0@0", "commit=0"];

/// How the servers begin. Those that are new need no words.
fn beginning(run: &Recording, header: &Header, row: &Row) -> Vec<Line> {
    let lines = changes(run, header, row, true);
    if lines.is_empty() {
        let text = "All servers begin in term 0.".to_owned();
        return vec![Line { text, log: None, looks: Looks::Change }];
    }
    lines
}

/// What a row changes. Servers that change in the same way share a line.
fn changes(run: &Recording, header: &Header, row: &Row, begins: bool) -> Vec<Line> {
    let mut groups: Vec<(Vec<String>, Line)> = Vec::new();
    for (&server, change) in &row.changes {
        let Some(line) = said(run, change, begins) else { continue };
        match groups.iter_mut().find(|(_, other)| *other == line) {
            Some((servers, _)) => servers.push(header.name(server)),
            None => groups.push((vec![header.name(server)], line)),
        }
    }
    let named = |(servers, line): (Vec<String>, Line)| {
        let text = format!("{}: {}", servers.join(" "), line.text);
        Line { text, ..line }
    };
    groups.into_iter().map(named).collect()
}

/// What has changed in a server.
fn said(run: &Recording, change: &Change, begins: bool) -> Option<Line> {
    let Change { before, after } = change;
    if after.role == Role::Down {
        // The event says it.
        return None;
    }
    let whole = !begins && before.role == Role::Down;
    let new = State { role: Role::Follower, ..State::default() };
    let before = if begins { &new } else { before };
    let new_term = whole || after.term != before.term;
    let mut words = Vec::new();
    let new_role = after.role != before.role;
    words.extend(new_role.then(|| after.role.name().to_owned()));
    let leads = new_role && after.role == Role::Leader;
    words.extend((new_term || leads).then(|| format!("term {}", after.term)));
    let new_vote = after.vote != 0 && (new_term || after.vote != before.vote);
    words.extend(new_vote.then(|| format!("vote S{}", after.vote)));
    words.extend((after.commit != before.commit).then(|| format!("commit {}", after.commit)));
    words.extend((after.base > before.base).then(|| format!("snapshot to {}", after.base)));
    if !begins && !whole && after.members != before.members {
        words.push(format!("members {}", run.text(after.members)));
    }
    let new_log = after.log != before.log || after.commit != before.commit || whole;
    // Entries that a snapshot has replaced are not known.
    let is_known = after.log.iter().any(|&term| term > 0);
    let log = (new_log && is_known).then(|| (after.log.clone(), after.commit));
    if log.is_some() && words.is_empty() {
        words.push("log".to_owned());
    }
    if after.log.is_empty() && !before.log.is_empty() {
        words.push("empty log".to_owned());
    }
    let text = words.join(", ");
    (!text.is_empty()).then_some(Line { text, log, looks: Looks::Change })
}
