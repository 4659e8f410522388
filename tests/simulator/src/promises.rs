//! What a server has told others, it must know again after a crash (Figure 2: persistent state is "updated
//! on stable storage before responding to RPCs").
//!
//! What counts is what has left the server: a term that it spoke of, a vote that it gave or asked others to
//! join, entries that it acknowledged, and entries that a leader has counted itself for. A leader may send
//! entries that are not on its own disk yet, as long as it does not count itself.
//!
//! How a server keeps its state is its own affair: its bytes say nothing to the lab. Whether the promises
//! are kept is seen by making a second server upon a copy of what would survive a crash. That takes as long
//! as the log is, so it is done
//!
//! - when it is likely that something is missing: what is promised goes beyond the state that the server
//!   had when its disk changed last;
//! - after as many events as the log has entries, such that a run takes a constant factor longer;
//! - at every crash, and when a server comes back.

use std::fmt::Write as _;

use protocol::{
    Effect, Event, Index, Members, Node, Reply, Request, RequestVoteReply, RoleName, ServerId, Term,
};

use crate::invariants::{Breach, Changed, Property, Seen};

/// What one server has promised, and what is believed to be on its disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    /// It has spoken of this term.
    term: Spoken<Term>,
    /// It has voted so in that term.
    vote: Spoken<Option<(Term, ServerId)>>,
    /// It has acknowledged its log up to here.
    log: Spoken<Index>,
    /// The state that it had when its disk changed last.
    believed: State,
    /// The first entry that is another one since then.
    changed_from: Option<Index>,
    /// The disk's version then.
    version: u64,
    /// Whether promises or disk have changed since a second server was made.
    untested: bool,
    /// So many events ago a second server was made.
    since: u64,
}

/// Something that was said, and how.
#[derive(Clone, Copy, Debug, Default)]
struct Spoken<T> {
    what: T,
    how: How,
}

/// How something was said.
#[derive(Clone, Copy, Debug, Default)]
enum How {
    /// It was not.
    #[default]
    Never,
    /// In a call.
    Asked(ServerId, &'static str),
    /// In an answer.
    Answered(ServerId, &'static str),
    /// By counting itself, as the leader.
    Counted,
}

/// What of a server's state is to be persistent, as far as it takes a moment to see.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    term: Term,
    vote: Option<ServerId>,
    last: Index,
}

impl State {
    fn of(node: &dyn Node) -> Self {
        State { term: node.current_term(), vote: node.voted_for(), last: node.last_index() }
    }
}

/// What a server does after an event, as far as it promises something.
pub(crate) struct Moved<'a> {
    pub(crate) node: &'a dyn Node,
    /// What it heard.
    pub(crate) heard: &'a Heard,
    pub(crate) effects: &'a [Effect],
    pub(crate) changed: Changed,
    /// The version of its disk.
    pub(crate) version: u64,
    /// Whether the other servers alone are a majority that has acknowledged its commit index.
    pub(crate) counts_itself: bool,
}

/// What an answer will acknowledge, if it is a success.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Heard {
    /// The last entry that the request speaks of.
    up_to: Index,
}

impl Heard {
    pub(crate) fn of(event: &Event) -> Self {
        let up_to = match event {
            Event::Request { request: Request::AppendEntries(r), .. } => {
                Index(r.prev_log_index.0 + r.entries.len() as u64)
            }
            Event::Request { request: Request::InstallSnapshot(r), .. } if r.done => {
                r.last_included_index
            }
            _ => Index(0),
        };
        Heard { up_to }
    }
}

impl Promises {
    /// What it has acknowledged.
    pub(crate) fn acknowledged(&self) -> Index {
        self.log.what
    }

    /// The term and the vote in it that the server must know again.
    pub(crate) fn term_and_vote(&self) -> (Term, Option<ServerId>) {
        let vote = self.vote.what.filter(|&(term, _)| term == self.term.what);
        (self.term.what, vote.map(|(_, vote)| vote))
    }

    /// Entries from this one on may have been replaced by others, as a leader may ask.
    pub(crate) fn replaced(&mut self, first: Index) {
        if first <= self.log.what {
            self.log.what = first.prev();
        }
    }

    /// Takes down what leaves the server after an event. Says whether it is time to make a second server.
    pub(crate) fn note(&mut self, id: ServerId, moved: &Moved<'_>) -> bool {
        if let Some(first) = moved.changed.log {
            self.replaced(first);
        }
        self.note_disk(moved);
        for effect in moved.effects {
            match effect {
                Effect::Call { to, request, .. } => self.note_request(id, *to, request),
                Effect::Answer { to, reply, .. } => self.note_reply(*to, reply, moved),
                Effect::SetTimer { .. } | Effect::Client { .. } => {}
            }
        }
        let leads = moved.node.role() == RoleName::Leader;
        if leads && moved.changed.commit && moved.counts_itself {
            self.acknowledge(moved.node.commit_index(), How::Counted);
        }
        self.since += 1;
        let rested = self.since > moved.node.last_index().0;
        self.untested && (rested || !self.is_believed())
    }

    fn note_disk(&mut self, moved: &Moved<'_>) {
        if moved.version != self.version {
            self.version = moved.version;
            self.believed = State::of(moved.node);
            self.changed_from = None;
            self.untested = true;
        } else if let Some(first) = moved.changed.log {
            self.changed_from = Some(self.changed_from.map_or(first, |from| from.min(first)));
        }
    }

    fn note_request(&mut self, id: ServerId, to: ServerId, request: &Request) {
        let how = How::Asked(to, request.name());
        self.speak(request.term(), how);
        if let Request::RequestVote(r) = request {
            self.vote(r.term, id, how);
        }
    }

    fn note_reply(&mut self, to: ServerId, reply: &Reply, moved: &Moved<'_>) {
        let how = How::Answered(to, reply.name());
        self.speak(reply.term(), how);
        let Heard { up_to } = *moved.heard;
        match reply {
            Reply::RequestVote(RequestVoteReply { term, vote_granted: true }) => {
                self.vote(*term, to, how);
            }
            Reply::AppendEntries(r) if r.success => self.acknowledge(up_to, how),
            // The last chunk has come in: the snapshot may stand for the log by now.
            Reply::InstallSnapshot(_) if moved.node.commit_index() >= up_to => {
                self.acknowledge(up_to, how);
            }
            _ => {}
        }
    }

    fn speak(&mut self, term: Term, how: How) {
        if term > self.term.what {
            self.term = Spoken { what: term, how };
            self.untested = true;
        }
    }

    fn vote(&mut self, term: Term, candidate: ServerId, how: How) {
        if self.vote.what.is_none_or(|(voted, _)| term > voted) {
            self.vote = Spoken { what: Some((term, candidate)), how };
            self.untested = true;
        }
    }

    fn acknowledge(&mut self, up_to: Index, how: How) {
        if up_to > self.log.what {
            self.log = Spoken { what: up_to, how };
            self.untested = true;
        }
    }

    /// Whether all that is promised may have been on disk when that changed last.
    fn is_believed(&self) -> bool {
        let State { term, vote, last } = self.believed;
        let log = self.changed_from.map_or(last, |first| last.min(first.prev()));
        let vote_kept =
            |(voted, candidate)| term > voted || (term, vote) == (voted, Some(candidate));
        self.term.what <= term && self.vote.what.is_none_or(vote_kept) && self.log.what <= log
    }

    /// A second server was made, and knows all that was promised.
    pub(crate) fn tested(&mut self, second: &dyn Node) {
        self.believed = State::of(second);
        self.changed_from = None;
        self.untested = false;
        self.since = 0;
    }

    /// Whether a second server could show anything new.
    pub(crate) fn is_untested(&self) -> bool {
        self.untested
    }

    /// What a server does not know that was made upon a copy of the disk, or came back from it.
    pub(crate) fn broken(&self, seen: &Seen, node: &dyn Node, event: u64) -> Option<Breach> {
        let id = seen.id;
        let (said, back) = if node.current_term() < self.term.what {
            (self.spoke(id), format!("term {}", node.current_term()))
        } else if let Some((term, candidate)) = self.vote_lost(node) {
            let vote =
                node.voted_for().map_or("no vote".to_owned(), |vote| format!("a vote for {vote}"));
            (self.vote.how.of_vote(id, term, candidate), format!("{vote} in that term"))
        } else {
            let (index, there) = self.entry_lost(seen, node)?;
            (self.log.how.of_log(id, self.log.what, index, seen), there)
        };
        Some(self.breach(seen, event, &said, &format!("would give back {back}")))
    }

    /// The server that was made upon a copy of the disk does not start.
    pub(crate) fn refused(&self, seen: &Seen, error: &str, event: u64) -> Breach {
        let mut said = self.spoke(seen.id);
        if self.log.what > Index(0) {
            let _ = write!(said, " and has acknowledged entries up to index {}", self.log.what);
        }
        self.breach(seen, event, &said, &format!("would not let it start again: {error}"))
    }

    /// How it spoke of its term: with its vote, if it gave one in it.
    fn spoke(&self, id: ServerId) -> String {
        match self.vote.what {
            Some((term, candidate)) if term == self.term.what => {
                self.vote.how.of_vote(id, term, candidate)
            }
            _ => self.term.how.of_term(id, self.term.what),
        }
    }

    fn breach(&self, seen: &Seen, event: u64, said: &str, disk: &str) -> Breach {
        Breach {
            property: Property::AnsweredIsKept,
            servers: vec![seen.id],
            terms: vec![self.term.what],
            index: None,
            event,
            what: format!("{said}; after a crash its disk {disk}"),
        }
    }

    fn vote_lost(&self, node: &dyn Node) -> Option<(Term, ServerId)> {
        let (term, candidate) = self.vote.what?;
        let lost = node.current_term() == term && node.voted_for() != Some(candidate);
        lost.then_some((term, candidate))
    }

    /// The first acknowledged entry that is not there, and what is there.
    fn entry_lost(&self, seen: &Seen, node: &dyn Node) -> Option<(Index, String)> {
        let (base, base_term) = node.base();
        let first = base.0.max(1);
        let index = (first..=self.log.what.0).map(Index).find(|&index| {
            if index == base {
                seen.term_at(index) != Some(base_term)
            } else if index <= seen.compacted {
                // Of an entry that the server has compacted once, perhaps only the term was seen.
                node.entry(index).map(|entry| entry.term) != seen.term_at(index)
            } else {
                node.entry(index) != seen.entry(index)
            }
        })?;
        let there = match node.entry(index) {
            Some(entry) if Some(entry.term) == seen.term_at(index) => {
                format!("another entry of term {} at index {index}", entry.term)
            }
            Some(entry) => format!("an entry of term {} at index {index}", entry.term),
            None => format!("a log up to index {}", node.last_index()),
        };
        Some((index, there))
    }
}

impl How {
    fn of_term(self, id: ServerId, term: Term) -> String {
        match self {
            How::Never | How::Counted => format!("{id} is in term {term}"),
            How::Asked(to, rpc) => format!("{id} sent {to} {rpc} of term {term}"),
            How::Answered(to, rpc) => format!("{id} answered {rpc} of {to} in term {term}"),
        }
    }

    fn of_vote(self, id: ServerId, term: Term, candidate: ServerId) -> String {
        match self {
            How::Asked(to, _) => {
                format!("{id} asked {to} for its vote in term {term}, and so votes for itself")
            }
            _ => format!("{id} answered {candidate} that it has its vote in term {term}"),
        }
    }

    fn of_log(self, id: ServerId, up_to: Index, lost: Index, seen: &Seen) -> String {
        let term = seen.term_at(lost).unwrap_or_default();
        let entry = if lost == up_to {
            String::new()
        } else {
            format!(", that of term {term} at index {lost} among them")
        };
        match self {
            How::Answered(to, rpc) => {
                format!(
                    "{id} answered {rpc} of {to}: it holds the entries up to index {up_to}{entry}"
                )
            }
            _ => format!(
                "{id} counts itself among those that hold the entries up to index {up_to}{entry}"
            ),
        }
    }
}

/// Whether a leader's commit index rests on the leader itself: the others that have acknowledged it are no
/// majority.
pub(crate) fn counts_itself(
    members: &Members,
    id: ServerId,
    commit: Index,
    acknowledged: impl Fn(ServerId) -> Index,
) -> bool {
    let others = members.iter().filter(|&&other| other != id && acknowledged(other) >= commit);
    others.count() <= members.len() / 2
}
