//! What is shown of the servers: only what Figure 2 determines.
//!
//! Whether a candidate that has lost is still a candidate or a follower is up to the server. So a transcript
//! distinguishes leaders from others, and shows each server's vote. Where the paper determines a server's role, a
//! script says so with `expect`.

use std::fmt::Write as _;

use protocol::{Entry, Index, Members, Reply, RoleName, ServerId};
use simulator::{Cluster, Property, Stop};

use super::lens::Lens;
use crate::{Failure, Kind, SourceLine};

/// A server in one line: `S1  leader  term 2  vote S1  log 1 1 | 2`. The bar is after the last entry that it knows
/// to be committed. The log includes what was compacted: how much that is, is up to the server.
pub(super) fn server(cluster: &Cluster, id: ServerId, lens: Lens) -> String {
    let Some(node) = cluster.node(id) else {
        let gave_up = cluster.gave_up_since(id).is_some();
        return format!("{id}  is down{}", if gave_up { ": it has given up" } else { "" });
    };
    let role = if node.role() == RoleName::Leader { "leader" } else { "-" };
    let vote = node.voted_for().map_or_else(|| "-".to_owned(), |vote| vote.to_string());
    let entries = cluster.log(id);
    let commit = lens.committed(node.role(), entries, node.commit_index());
    let applied = lens.committed(node.role(), entries, node.last_applied());
    let log = log(&lens.log(entries), commit);
    let mut line =
        format!("{id}  {role:6}  term {}  vote {vote:2}  log {log}", node.current_term());
    if applied != commit {
        let _ = write!(line, "  applied {applied}");
    }
    if *node.members() != cluster.first_members_of(id) {
        let _ = write!(line, "  members {}", members(node.members()));
    }
    line
}

/// How far a server's log is compacted, for the end of its line.
pub(crate) fn base(cluster: &Cluster, id: ServerId) -> String {
    cluster.node(id).map_or_else(String::new, |node| format!("  base {}", node.base().0))
}

/// A configuration: `S1 S2 S4`.
pub(crate) fn members(members: &Members) -> String {
    let names: Vec<String> = members.iter().map(ToString::to_string).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(" ") }
}

/// The terms of a log's entries, with a bar after the last committed one; `-` if there are none.
fn log(entries: &[&Entry], commit: Index) -> String {
    if entries.is_empty() {
        return "-".to_owned();
    }
    let mut words = Vec::new();
    for (entry, index) in entries.iter().zip(1..) {
        words.push(entry.term.to_string());
        if index == commit.0 {
            words.push("|".to_owned());
        }
    }
    words.join(" ")
}

/// An answer to a message that the script made.
pub(crate) fn reply(from: ServerId, to: ServerId, reply: &Reply) -> String {
    let what = match reply {
        Reply::RequestVote(r) if r.vote_granted => "vote granted".to_owned(),
        Reply::RequestVote(_) => "vote denied".to_owned(),
        Reply::PreVote(r) if r.vote_granted => "would grant its vote".to_owned(),
        Reply::PreVote(_) => "would deny its vote".to_owned(),
        Reply::AppendEntries(r) if r.success => "success".to_owned(),
        Reply::AppendEntries(_) => "rejected".to_owned(),
        // How many bytes a snapshot has is up to the server, so what it has stored is not shown.
        Reply::InstallSnapshot(_) | Reply::TimeoutNow(_) => "heard".to_owned(),
    };
    format!("{from} answers {to}: {what}, term {}", reply.term())
}

/// A story as one note: a heading, how many events were left out, and a line for each of the others.
pub(crate) fn told(heading: &str, story: &[String], left_out: usize) -> String {
    let mut note = heading.to_owned();
    if left_out > 0 {
        let _ = write!(note, "\n  … {left_out} events");
    }
    for line in story {
        let _ = write!(note, "\n  {line}");
    }
    note
}

/// What was expected where a property did not hold. The properties of Figure 3 have proper names; the name of any
/// other is a sentence.
fn promise(property: Property) -> String {
    let name = property.name();
    match property {
        Property::ElectionSafety
        | Property::LeaderAppendOnly
        | Property::LogMatching
        | Property::LeaderCompleteness
        | Property::StateMachineSafety => format!("{name} holds after every event"),
        _ => format!("{name}, whatever happens"),
    }
}

/// A run that ended early, as a failure.
pub fn stopped(stop: &Stop) -> Box<Failure> {
    match stop {
        Stop::Breach(breach) => {
            let mut failure =
                Failure::new(promise(breach.property), &breach.what).because(breach.property.rule());
            failure.broken = Some(breach.property);
            if breach.property == Property::OneAnswer {
                failure.notes.push("The event loop of module 1 answers requests.".to_owned());
            }
            failure
        }
        Stop::Panic { server, told, panicked } => {
            let place = SourceLine { file: panicked.file.clone(), line: panicked.line };
            let mut failure = match &panicked.todo {
                Some(exercise) => Failure::todo(exercise),
                None => Failure::new(
                    format!("{server} handles: {told}"),
                    format!("{server} panics: {}", panicked.message),
                ),
            };
            if panicked.todo.is_none() {
                failure.kind = Kind::Panicked;
            }
            failure.place = Some(place);
            failure
        }
        Stop::Failed { server, error } => {
            Failure::new(format!("{server} goes on"), format!("{server} gave up: {error}"))
                .note(format!("Nothing has gone wrong with the disk of {server}."))
        }
        Stop::Endless { .. } => Failure::new(
            "events come to an end, or time passes",
            stop.to_string(),
        )
        .note("Messages cause one another forever: look at what sends a message, or arms a timer for now."),
    }
}
