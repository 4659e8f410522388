//! A server must still know after a crash what it has promised others (Figure 2: persistent state is "updated on
//! stable storage before responding to RPCs").
//!
//! A promise is what has left the server: a term in a message, a vote that it gave or asked others to join,
//! entries that it acknowledged, and entries for which a leader has counted itself. A leader may send entries
//! that are not on its own disk yet, as long as it does not count itself.
//!
//! How a server stores its state is its own business: the lab cannot read its bytes. Whether promises are kept is
//! tested by starting a second server from a copy of what would survive a crash. The longer the log is, the longer
//! that takes, so it is done
//!
//! - when something is probably missing: a promise goes beyond the state that the server had when its disk
//!   changed last;
//! - after as many events as the log has entries, so that a run takes longer by a constant factor;
//! - at every crash, and when a server comes back.

mod broken;

use protocol::{
    Effect, Event, Index, Members, Node, Reply, Request, RequestVoteReply, RoleName, ServerId, Term,
};

use crate::invariants::Changes;

/// What one server has promised, and what is believed to be on its disk.
#[derive(Clone, Debug, Default)]
pub(crate) struct Promises {
    /// The highest term in any of its messages.
    term: Promise<Term>,
    /// Its vote in the highest term in which it has voted.
    vote: Promise<Option<(Term, ServerId)>>,
    /// The index up to which it has acknowledged its log.
    log: Promise<Index>,
    /// The state that it had when its disk changed last.
    believed: PersistentState,
    /// The first entry that was replaced since then.
    changed_from: Option<Index>,
    /// The disk's version at that time.
    version: u64,
    /// Whether promises or disk have changed since the last test.
    untested: bool,
    /// The number of events since the last test.
    events_since_test: u64,
}

/// Something that others rely on, and how they learned it.
#[derive(Clone, Copy, Debug, Default)]
struct Promise<T> {
    value: T,
    via: Via,
}

/// How others learned of a promise.
#[derive(Clone, Copy, Debug, Default)]
enum Via {
    /// Not at all yet.
    #[default]
    Never,
    /// By a request to this server, with the RPC's name.
    Request(ServerId, &'static str),
    /// By a reply to this server, with the RPC's name.
    Reply(ServerId, &'static str),
    /// By the commit index of a leader that counts itself.
    Counted,
}

/// The part of a server's persistent state that is cheap to read. The entries are not: the longer the log is, the
/// longer they take.
#[derive(Clone, Copy, Debug, Default)]
struct PersistentState {
    term: Term,
    vote: Option<ServerId>,
    last: Index,
}

impl PersistentState {
    fn of(node: &dyn Node) -> Self {
        PersistentState {
            term: node.current_term(),
            vote: node.voted_for(),
            last: node.last_index(),
        }
    }
}

/// What an event has done to a server, as far as it can make promises.
pub(crate) struct EventOutcome<'a> {
    pub(crate) node: &'a dyn Node,
    pub(crate) acknowledgement: Acknowledgement,
    pub(crate) effects: &'a [Effect],
    pub(crate) changed: Changes,
    /// The version of its disk.
    pub(crate) version: u64,
    /// Whether the leader's commit index rests on its own log: see [`counts_itself`].
    pub(crate) counts_itself: bool,
}

/// What a successful answer to an event acknowledges.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Acknowledgement {
    /// The last entry that the request covers.
    up_to: Index,
}

impl Acknowledgement {
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
        Acknowledgement { up_to }
    }

    /// The same, but no more than a log that ends here: later events of the same batch may have shortened it.
    pub(crate) fn within(self, last: Index) -> Self {
        Acknowledgement { up_to: self.up_to.min(last) }
    }
}

impl Promises {
    /// The index up to which it has acknowledged its log.
    pub(crate) fn acknowledged(&self) -> Index {
        self.log.value
    }

    /// The term, and the vote in it, that the server must know after a restart.
    pub(crate) fn term_and_vote(&self) -> (Term, Option<ServerId>) {
        let vote = self.vote.value.filter(|&(term, _)| term == self.term.value);
        (self.term.value, vote.map(|(_, vote)| vote))
    }

    /// Entries from this one on may have been replaced, as a leader may ask. They are no longer promised.
    pub(crate) fn replaced(&mut self, first: Index) {
        if first <= self.log.value {
            self.log.value = first.prev();
        }
    }

    /// Notes what leaves the server with an event. Returns whether it is time for a test.
    pub(crate) fn note(&mut self, id: ServerId, outcome: &EventOutcome<'_>) -> bool {
        if let Some(first) = outcome.changed.log {
            self.replaced(first);
        }
        self.note_disk(outcome);
        for effect in outcome.effects {
            match effect {
                Effect::Call { to, request, .. } => self.note_request(id, *to, request),
                Effect::Answer { to, reply, .. } => self.note_reply(*to, reply, outcome),
                Effect::SetTimer { .. } | Effect::Client { .. } => {}
            }
        }
        let leads = outcome.node.role() == RoleName::Leader;
        if leads && outcome.changed.commit && outcome.counts_itself {
            self.acknowledge(outcome.node.commit_index(), Via::Counted);
        }
        self.events_since_test += 1;
        // As many events as the log has entries: a test takes that long, so tests cost a constant factor.
        let rested = self.events_since_test > outcome.node.last_index().0;
        self.untested && (rested || !self.is_believed())
    }

    fn note_disk(&mut self, outcome: &EventOutcome<'_>) {
        if outcome.version != self.version {
            self.version = outcome.version;
            self.believed = PersistentState::of(outcome.node);
            self.changed_from = None;
            self.untested = true;
        } else if let Some(first) = outcome.changed.log {
            self.changed_from = Some(self.changed_from.map_or(first, |from| from.min(first)));
        }
    }

    fn note_request(&mut self, id: ServerId, to: ServerId, request: &Request) {
        let via = Via::Request(to, request.name());
        self.promise_term(request.term(), via);
        if let Request::RequestVote(r) = request {
            self.promise_vote(r.term, id, via);
        }
    }

    fn note_reply(&mut self, to: ServerId, reply: &Reply, outcome: &EventOutcome<'_>) {
        let via = Via::Reply(to, reply.name());
        self.promise_term(reply.term(), via);
        let Acknowledgement { up_to } = outcome.acknowledgement;
        match reply {
            Reply::RequestVote(RequestVoteReply { term, vote_granted: true }) => {
                self.promise_vote(*term, to, via);
            }
            Reply::AppendEntries(r) if r.success => self.acknowledge(up_to, via),
            // The last chunk has arrived: by now the snapshot may have taken the place of entries.
            Reply::InstallSnapshot(_) if outcome.node.commit_index() >= up_to => {
                self.acknowledge(up_to, via);
            }
            _ => {}
        }
    }

    fn promise_term(&mut self, term: Term, via: Via) {
        if term > self.term.value {
            self.term = Promise { value: term, via };
            self.untested = true;
        }
    }

    fn promise_vote(&mut self, term: Term, candidate: ServerId, via: Via) {
        if self.vote.value.is_none_or(|(voted, _)| term > voted) {
            self.vote = Promise { value: Some((term, candidate)), via };
            self.untested = true;
        }
    }

    fn acknowledge(&mut self, up_to: Index, via: Via) {
        if up_to > self.log.value {
            self.log = Promise { value: up_to, via };
            self.untested = true;
        }
    }

    /// Whether everything that is promised may have been on disk when the disk changed last. If not, a sync is
    /// probably missing, and a test finds it while the event that lacks it is still at hand.
    fn is_believed(&self) -> bool {
        let PersistentState { term, vote, last } = self.believed;
        let log = self.changed_from.map_or(last, |first| last.min(first.prev()));
        let vote_kept =
            |(voted, candidate)| term > voted || (term, vote) == (voted, Some(candidate));
        self.term.value <= term && self.vote.value.is_none_or(vote_kept) && self.log.value <= log
    }

    /// A second server was started, and knows everything that was promised.
    pub(crate) fn tested(&mut self, second: &dyn Node) {
        self.believed = PersistentState::of(second);
        self.changed_from = None;
        self.untested = false;
        self.events_since_test = 0;
    }

    /// Whether a test could show anything new.
    pub(crate) fn is_untested(&self) -> bool {
        self.untested
    }
}

/// Whether a leader's commit index rests on the leader's own log: the others that have acknowledged it are
/// no quorum without it.
pub(crate) fn counts_itself(
    members: &Members,
    id: ServerId,
    commit: Index,
    acknowledged: impl Fn(ServerId) -> Index,
) -> bool {
    let others = members.iter().filter(|&&other| other != id && acknowledged(other) >= commit);
    others.count() <= members.len() / 2
}
