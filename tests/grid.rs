//! The states in which a message can reach a server: every role, vote and known leader, and a log that is shorter than
//! the sender's, equal to it, longer than it, or in conflict with it.
//!
//! A mistake in one of a few hundred states is easily missed by checks that construct a handful of them. A check goes
//! through the whole grid and demands one rule of every cell; a failure quotes the cell in which it was broken.
//!
//! Included by the suites of the modules whose rows receive messages. The suite says which crate `RaftNode` comes from:
//! `use super::subject::data_model as model;`.

use gates::{Context, Failure, Verdict};

use super::model::protocol::{
    AppendEntries, CallId, Config, Effect, Entry, Event, Index, KeyValue, NoDisk, Reply, Request,
    RequestVote, ServerId, Setup, Term, Timer,
};
use super::model::{Log, Progress, RaftNode, Role, Rules};

/// S1's term in every state.
pub(crate) const TERM: u64 = 4;

/// The server that sends the messages.
pub(crate) const SENDER: ServerId = ServerId(3);

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);

/// The logs that S1 may have, by the terms of their entries. Beside those of [`LEADERS`], each is shorter, equal,
/// longer, or in conflict.
const LOGS: [&[u64]; 7] =
    [&[], &[1], &[1, 2], &[1, 2, 3], &[1, 2, 3, 3], &[1, 1, 1], &[1, 2, 2, 2]];

/// Leaders by their terms, with the logs from which they send: of older terms, of S1's, and of newer ones.
const LEADERS: [(u64, &[u64]); 5] =
    [(2, &[1, 2, 2]), (3, &[1, 2, 3]), (4, &[1, 2, 3, 4]), (5, &[1, 2, 3, 5]), (7, &[1, 2, 6, 7])];

/// Where a candidate's log may end: index and term of the last entry.
const ENDS: [(u64, u64); 8] = [(0, 0), (1, 1), (9, 1), (2, 2), (4, 2), (3, 3), (4, 3), (1, 5)];

/// A state of S1, one of five servers, in term [`TERM`].
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) role: Role,
    pub(crate) voted_for: Option<ServerId>,
    pub(crate) log: &'static [u64],
}

/// All states. A candidate or leader has voted for itself.
pub(crate) fn states() -> Vec<State> {
    let votes = [None, Some(S1), Some(S2), Some(SENDER)];
    let leaders = [None, Some(S2), Some(SENDER)];
    let progress = Progress { next_index: Index(1), match_index: Index(0) };
    let peers = (2..=5).map(|peer| (ServerId(peer), progress)).collect();
    let own = [Role::Candidate { votes: [S1].into() }, Role::Leader { progress: peers }];
    let mut states = Vec::new();
    for log in LOGS {
        for leader in leaders {
            states.extend(votes.map(|voted_for| State {
                role: Role::Follower { leader },
                voted_for,
                log,
            }));
        }
        states.extend(own.clone().map(|role| State { role, voted_for: Some(S1), log }));
    }
    states
}

impl State {
    /// S1 in this state. Its first entry is committed.
    pub(crate) fn server(&self, rules: &'static Rules) -> RaftNode {
        let setup = Setup {
            id: S1,
            members: (1..=5).map(ServerId).collect(),
            config: Config::default(),
            seed: 1,
            disk: Box::new(NoDisk),
            machine: Box::new(KeyValue::new()),
        };
        let mut node = RaftNode::new(setup, rules);
        node.current_term = Term(TERM);
        node.voted_for = self.voted_for;
        node.role = self.role.clone();
        node.log = Log::with_base(Index(0), Term(0), entries(1, self.log));
        node.commit_index = Index(self.log.len().min(1) as u64);
        node.last_applied = node.commit_index;
        node
    }

    /// The leader that S1 knows.
    pub(crate) fn leader(&self) -> Option<ServerId> {
        match self.role {
            Role::Follower { leader } => leader,
            _ => None,
        }
    }

    /// Whether another server than the sender leads S1's term, as far as S1 knows: then the sender does not.
    fn has_other_leader(&self) -> bool {
        matches!(self.role, Role::Leader { .. }) || self.leader() == Some(S2)
    }
}

/// The entries of these terms, from index `first` on.
pub(crate) fn entries(first: u64, terms: &[u64]) -> Vec<Entry> {
    let entry = |(index, term): (u64, &u64)| {
        Entry::command(Term(*term), format!("set x {index}@{term}").as_str())
    };
    (first..).zip(terms).map(entry).collect()
}

/// An AppendEntries of [`SENDER`], the leader of `term`.
#[derive(Clone, Debug)]
pub(crate) struct Append {
    pub(crate) term: u64,
    pub(crate) prev: (usize, u64),
    pub(crate) entries: &'static [u64],
    pub(crate) commit: u64,
}

/// From every leader, from every place of its log: all the rest, one entry, and none.
fn appends() -> Vec<Append> {
    let mut all = Vec::new();
    for (term, log) in LEADERS {
        for at in 0..=log.len() {
            let before = if at == 0 { 0 } else { log[at - 1] };
            let rest = &log[at..];
            let mut parts = vec![rest, &rest[..rest.len().min(1)], &[][..]];
            parts.dedup();
            let prev = (at, before);
            let append = |entries| Append { term, prev, entries, commit: log.len() as u64 };
            all.extend(parts.into_iter().map(append));
        }
    }
    all
}

impl Append {
    /// The same as a message.
    pub(crate) fn event(&self) -> Event {
        let request = Request::AppendEntries(AppendEntries {
            term: Term(self.term),
            leader_id: SENDER,
            prev_log_index: Index(self.prev.0 as u64),
            prev_log_term: Term(self.prev.1),
            entries: entries(self.prev.0 as u64 + 1, self.entries),
            leader_commit: Index(self.commit),
        });
        Event::Request { call: CallId(42), from: SENDER, request }
    }

    /// Whether S1 can receive it in this state: a term has one leader.
    pub(crate) fn is_possible(&self, state: &State) -> bool {
        self.term != TERM || !state.has_other_leader()
    }

    /// Whether a log of these terms holds what precedes the entries (AppendEntries, receiver, step 2).
    pub(crate) fn matches(&self, log: &[u64]) -> bool {
        let (index, term) = self.prev;
        index == 0 || log.get(index - 1) == Some(&term)
    }

    /// A log of these terms after steps 2 to 4 of the receiver, said as plainly as possible: the entries up to the
    /// request's last are the leader's, and what follows them stays only if none of them conflicted.
    pub(crate) fn merged(&self, log: &[u64]) -> Vec<u64> {
        if !self.matches(log) {
            return log.to_vec();
        }
        let (before, after) = log.split_at(self.prev.0);
        let same = after.iter().zip(self.entries).all(|(own, sent)| own == sent);
        let longer = after.len() > self.entries.len();
        if same && longer { log.to_vec() } else { [before, self.entries].concat() }
    }

    fn told(&self) -> String {
        let Append { term, prev: (index, of), entries, commit } = self;
        let what = if entries.is_empty() {
            "no entries".to_owned()
        } else {
            format!("entries of the terms {entries:?}")
        };
        format!(
            "{SENDER}, leader of term {term}, sends {what}, prev_log_index {index}, prev_log_term {of}, \
             leader_commit {commit}"
        )
    }
}

/// A RequestVote of [`SENDER`] in `term`, whose log ends with the entry `last`: index and term.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ask {
    pub(crate) term: u64,
    pub(crate) last: (u64, u64),
}

/// Candidates of older terms, of S1's, and of newer ones, with every kind of log.
pub(crate) fn asks() -> Vec<Ask> {
    let terms = [2, 3, 4, 5, 7].into_iter();
    // A candidate's log ends with an entry of an earlier term.
    let of = |term| ENDS.into_iter().filter(move |last| last.1 < term);
    terms.flat_map(|term| of(term).map(move |last| Ask { term, last })).collect()
}

impl Ask {
    /// The same as a message.
    pub(crate) fn event(&self) -> Event {
        let request = Request::RequestVote(RequestVote {
            term: Term(self.term),
            candidate_id: SENDER,
            last_log_index: Index(self.last.0),
            last_log_term: Term(self.last.1),
            leadership_transfer: false,
        });
        Event::Request { call: CallId(42), from: SENDER, request }
    }

    /// Whether the candidate's log is at least as up to date as one of these terms (§5.4.1).
    pub(crate) fn is_up_to_date(&self, log: &[u64]) -> bool {
        let (length, term) = (log.len() as u64, log.last().copied().unwrap_or(0));
        self.last.1 > term || self.last.1 == term && self.last.0 >= length
    }

    fn told(&self) -> String {
        let Ask { term, last: (index, of) } = self;
        format!(
            "{SENDER}, candidate of term {term}, asks for its vote, last_log_index {index}, last_log_term {of}"
        )
    }
}

/// What S1 is after a message, and what it does about it.
pub(crate) struct After {
    pub(crate) node: RaftNode,
    pub(crate) effects: Vec<Effect>,
}

/// Lets leaders of some terms send AppendEntries to S1 in every state, and demands the same rule of each.
pub(crate) fn each_append(
    check: &mut Context,
    rules: &'static Rules,
    of: fn(u64) -> bool,
    rule: fn(&Context, &State, &Append, &After) -> Verdict,
) -> Verdict {
    for state in states() {
        for request in appends().iter().filter(|request| of(request.term)) {
            if request.is_possible(&state) {
                let after = append(check, rules, &state, request)?;
                rule(check, &state, request, &after)?;
            }
        }
    }
    Ok(())
}

/// S1 in this state receives an AppendEntries.
fn append(
    check: &mut Context,
    rules: &'static Rules,
    state: &State,
    append: &Append,
) -> Result<After, Box<Failure>> {
    receive(check, state.server(rules), append.event(), &append.told())
}

/// S1 in this state receives a RequestVote.
pub(crate) fn ask(
    check: &mut Context,
    rules: &'static Rules,
    state: &State,
    ask: &Ask,
) -> Result<After, Box<Failure>> {
    receive(check, state.server(rules), ask.event(), &ask.told())
}

fn receive(
    check: &mut Context,
    mut node: RaftNode,
    event: Event,
    message: &str,
) -> Result<After, Box<Failure>> {
    check.step(format!("S1 of 5: {}, its log {}; {message}", standing(&node), log(&node)));
    let effects = check.handle(&mut node, event)?;
    Ok(After { node, effects })
}

impl After {
    /// S1 must be as it was in `state`, and its election timer must not have been touched.
    pub(crate) fn changed_nothing(&self, check: &Context, state: &State) -> Verdict {
        let before = state.server(self.node.rules);
        check.same_text("S1", &standing(&self.node), &standing(&before))?;
        check.same_text("S1's log", &log(&self.node), &log(&before))?;
        check.equal("S1's commit index", self.node.commit_index.0, before.commit_index.0)?;
        let expected = "the election timer is left alone";
        check.holds(!self.has_reset_timer(), expected, "the election timer is reset")
    }

    /// S1 must have this role, term and vote.
    pub(crate) fn is(
        &self,
        check: &Context,
        role: &Role,
        term: u64,
        vote: Option<ServerId>,
    ) -> Verdict {
        check.same_text("S1", &standing(&self.node), &words(role, Term(term), vote))
    }

    /// S1's log must have entries of these terms.
    pub(crate) fn has_log(&self, check: &Context, terms: &[u64]) -> Verdict {
        check.same_text("S1's log", &log(&self.node), &format!("{terms:?}"))?;
        let commands = self.node.log.entries() == entries(1, terms);
        let expected = "each entry has the command that it had at the leader";
        check.holds(commands, expected, format!("the log holds {:?}", self.node.log.entries()))
    }

    /// S1 must have answered so.
    pub(crate) fn answered(&self, check: &Context, expected: &str) -> Verdict {
        check.same_text("S1's reply", &self.reply(), expected)
    }

    /// S1's reply, in words.
    pub(crate) fn reply(&self) -> String {
        let reply = self.effects.iter().find_map(|effect| match effect {
            Effect::Answer { reply, .. } => Some(reply),
            _ => None,
        });
        match reply {
            None => "none".to_owned(),
            Some(Reply::RequestVote(r)) => {
                format!(
                    "vote {}, term {}",
                    if r.vote_granted { "granted" } else { "denied" },
                    r.term
                )
            }
            Some(Reply::AppendEntries(r)) => format!("success {}, term {}", r.success, r.term),
            Some(other) => format!("{}, term {}", other.name(), other.term()),
        }
    }

    /// Whether the election timer was armed again.
    pub(crate) fn has_reset_timer(&self) -> bool {
        let reset =
            |effect: &Effect| matches!(effect, Effect::SetTimer { timer: Timer::Election, .. });
        self.effects.iter().any(reset)
    }
}

/// Role, term and vote, in words.
fn standing(node: &RaftNode) -> String {
    words(&node.role, node.current_term, node.voted_for)
}

fn words(role: &Role, term: Term, vote: Option<ServerId>) -> String {
    let role = match role {
        Role::Follower { leader: None } => "follower that knows no leader".to_owned(),
        Role::Follower { leader: Some(leader) } => format!("follower of {leader}"),
        Role::Candidate { .. } => "candidate".to_owned(),
        Role::Leader { .. } => "leader".to_owned(),
    };
    let vote = vote.map_or("no vote given".to_owned(), |id| format!("voted for {id}"));
    format!("{role}, term {term}, {vote}")
}

fn log(node: &RaftNode) -> String {
    let terms: Vec<u64> = node.log.entries().iter().map(|entry| entry.term.0).collect();
    format!("{terms:?}")
}
