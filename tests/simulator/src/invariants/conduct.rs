//! What Figures 2 and 4 say about the handling of one event: which messages may leave, what they may say, and how
//! role and term may change.
//!
//! A server that breaks such a rule may get away with it in most runs, since Raft tolerates lost messages and
//! needless elections. So storms check the conduct itself, and not only its consequences. They demand only what every
//! right server does: when a server sends, how often, and how much is up to it.

use std::time::Duration;

use protocol::{
    AppendEntries, ClientError, Config, Effect, Event, Index, Node, Reply, Request, RequestVote,
    RoleName, ServerId, Term, Timer,
};

use super::breach::{Breach, Property};
use super::seen::ObservedServer;

/// How much of the conduct of servers is judged: as much as they have learned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conduct {
    /// Terms, roles and votes.
    Elections,
    /// Also what requests and replies say about logs.
    Logs,
    /// Also how followers commit, and what clients learn.
    Commits,
}

/// An event, and its server as it was before.
pub(crate) struct Before {
    event: Event,
    role: RoleName,
    term: Term,
    vote: Option<ServerId>,
    commit: Index,
}

impl Before {
    pub(crate) fn of(seen: &ObservedServer, event: &Event) -> Self {
        Before {
            event: event.clone(),
            role: seen.role,
            term: seen.current_term,
            vote: seen.voted_for,
            commit: seen.commit_index,
        }
    }
}

/// A server after an event.
pub(crate) struct After<'a> {
    pub(crate) id: ServerId,
    pub(crate) node: &'a dyn Node,
    pub(crate) effects: &'a [Effect],
    pub(crate) config: &'a Config,
    /// The leader that was elected in its term, if one was.
    pub(crate) leader: Option<ServerId>,
    /// The number of the event.
    pub(crate) event: u64,
}

/// Checks how a server has handled an event.
///
/// # Errors
/// The first rule that it has not followed.
pub(crate) fn judge(conduct: Conduct, before: &Before, after: &After<'_>) -> Result<(), Breach> {
    after.changes_role(before)?;
    for effect in after.effects {
        match effect {
            Effect::Call { to, request, .. } => after.asks(conduct, before, *to, request)?,
            Effect::Answer { reply, .. } => after.answers(conduct, before, reply)?,
            Effect::SetTimer { timer: Timer::Election, after: time } => {
                let most = after.config.election_timeout.end;
                let what =
                    || format!("it waits {time:?} for a leader, and at most {most:?} is allowed");
                after.demand(*time <= most, Property::ChangesAsFigure4, what)?;
            }
            Effect::Client { result: Err(ClientError::NotLeader(Some(hint))), .. } => {
                let what =
                    || "it tells a client that it does not lead, and names itself".to_owned();
                after.demand(*hint != after.id, Property::MessageIsTrue, what)?;
            }
            Effect::SetTimer { .. } | Effect::Client { .. } => {}
        }
    }
    if conduct >= Conduct::Commits { after.commits(before) } else { Ok(()) }
}

impl After<'_> {
    /// Figure 4, and the rules for candidates and leaders in Figure 2.
    fn changes_role(&self, before: &Before) -> Result<(), Breach> {
        let (role, term) = (self.node.role(), self.node.current_term());
        let told = match &before.event {
            Event::Request { request, .. } => request.term(),
            Event::Reply { reply, .. } => reply.term(),
            Event::Start | Event::Timeout(_) | Event::Client { .. } => Term(0),
        };
        let newest = before.term.max(told);
        // A restart brings back a term that was not seen for long.
        let is_next = term <= newest.next() || matches!(before.event, Event::Start);
        let what = || format!("it goes from term {newest} to term {term}");
        self.demand(is_next, Property::ChangesAsFigure4, what)?;
        if let Event::Request { from, request, .. } = &before.event
            && matches!(request, Request::AppendEntries(_) | Request::InstallSnapshot(_))
            && request.term() == term
        {
            let what =
                || format!("it has heard {from}, the leader of its term {term}, and is a {role}");
            self.demand(role == RoleName::Follower, Property::ChangesAsFigure4, what)?;
        }
        if let Event::Reply { request: Request::RequestVote(_), from, .. } = &before.event
            && before.role == RoleName::Follower
        {
            let what =
                || format!("a vote of {from}, which comes late, makes a {role} of a follower");
            self.demand(role == RoleName::Follower, Property::ChangesAsFigure4, what)?;
        }
        if role == RoleName::Leader && (before.role, before.term) != (role, term) {
            let shows = |to: ServerId| self.effects.iter().any(|effect| shows_a_leader(effect, to));
            let mut others = self.node.members().iter().copied().filter(|&other| other != self.id);
            if let Some(missed) = others.find(|&other| !shows(other)) {
                let what =
                    format!("it becomes leader of term {term}, and sends {missed} no heartbeat");
                return Err(self.breach(Property::ChangesAsFigure4, &what));
            }
        }
        Ok(())
    }

    fn asks(
        &self,
        conduct: Conduct,
        before: &Before,
        to: ServerId,
        request: &Request,
    ) -> Result<(), Breach> {
        let (term, name) = (self.node.current_term(), request.name());
        let told = request.term();
        let what = || format!("its {name} for {to} says term {told}, and it is in term {term}");
        self.demand(told == term, Property::MessageIsTrue, what)?;
        let named = match request {
            Request::RequestVote(r) => r.candidate_id,
            Request::PreVote(r) => r.candidate_id,
            Request::AppendEntries(r) => r.leader_id,
            Request::InstallSnapshot(r) => r.leader_id,
            Request::TimeoutNow(r) => r.leader_id,
        };
        let what = || format!("its {name} for {to} names {named} as its sender");
        self.demand(named == self.id, Property::MessageIsTrue, what)?;
        let role = self.node.role();
        match request {
            Request::RequestVote(r) => {
                let what = || format!("it asks {to} for a vote, and is a {role}");
                self.demand(role == RoleName::Candidate, Property::ChangesAsFigure4, what)?;
                let (index, term) = self.end_of_log();
                let (told, told_term) = (r.last_log_index, r.last_log_term);
                let what = || {
                    format!(
                        "its RequestVote for {to} says that its log ends at index {told} with term \
                         {told_term}, and it ends at {index} with term {term}"
                    )
                };
                self.demand((told, told_term) == (index, term), Property::MessageIsTrue, what)
            }
            Request::AppendEntries(r) => {
                self.leads(before, to, name)?;
                if conduct >= Conduct::Logs { self.sends_its_log(to, r) } else { Ok(()) }
            }
            Request::InstallSnapshot(_) => self.leads(before, to, name),
            Request::PreVote(_) | Request::TimeoutNow(_) => Ok(()),
        }
    }

    /// A leader that steps down in an event may have sent something in it before. A server that was removed may even be
    /// elected and step down in the same event: nothing forbids it to campaign (§6).
    fn leads(&self, before: &Before, to: ServerId, name: &str) -> Result<(), Breach> {
        let (role, term) = (self.node.role(), self.node.current_term());
        let led = (before.role, before.term) == (RoleName::Leader, term);
        let campaigned = (before.role, before.term) == (RoleName::Candidate, term);
        let may_lead_briefly = campaigned && !self.node.members().contains(&self.id);
        let what = || format!("it sends {to} {name} in term {term}, and is a {role}");
        let may_send = led || role == RoleName::Leader || may_lead_briefly;
        self.demand(may_send, Property::ChangesAsFigure4, what)
    }

    fn sends_its_log(&self, to: ServerId, request: &AppendEntries) -> Result<(), Breach> {
        let entries = request.entries.iter().map(|entry| entry.term);
        let places = request.prev_log_index.through(request.last_new_index());
        let sent = places.zip([request.prev_log_term].into_iter().chain(entries));
        for (index, sent) in sent {
            let own = self.term_at(index);
            let what = || {
                let own = own.map_or_else(|| "none".to_owned(), |own| format!("one of term {own}"));
                format!(
                    "its AppendEntries for {to} says that it has an entry of term {sent} at index {index}, and \
                     it has {own} there"
                )
            };
            let is_own = index < self.node.base().0 || own == Some(sent);
            self.demand(is_own, Property::MessageIsTrue, what)?;
        }
        let (told, own) = (request.leader_commit, self.node.commit_index());
        let what = || {
            format!(
                "its AppendEntries for {to} says that it has committed up to {told}, and it has up to {own}"
            )
        };
        self.demand(told <= own, Property::MessageIsTrue, what)
    }

    fn answers(&self, conduct: Conduct, before: &Before, reply: &Reply) -> Result<(), Breach> {
        let Event::Request { from, request, .. } = &before.event else { return Ok(()) };
        let (term, told, name) = (self.node.current_term(), reply.term(), reply.name());
        let what = || {
            format!("its reply to the {name} of {from} says term {told}, and it is in term {term}")
        };
        // A server that is told to campaign at once may answer before or after.
        let is_own = told == term || matches!(reply, Reply::TimeoutNow(_));
        self.demand(is_own, Property::MessageIsTrue, what)?;
        match (request, reply) {
            (Request::RequestVote(asked), Reply::RequestVote(reply)) => {
                self.votes(before, asked, reply.vote_granted)
            }
            (Request::AppendEntries(sent), Reply::AppendEntries(reply)) if reply.success => {
                self.accepts(conduct, sent)
            }
            _ => Ok(()),
        }
    }

    fn votes(&self, before: &Before, asked: &RequestVote, granted: bool) -> Result<(), Breach> {
        let (candidate, term) = (asked.candidate_id, self.node.current_term());
        let vote = self.node.voted_for().filter(|_| asked.term == term);
        let had_voted = before.vote.filter(|_| before.term == term);
        if granted {
            let what = || {
                let vote = vote.map_or_else(|| "nobody".to_owned(), |vote| vote.to_string());
                format!(
                    "it tells {candidate} that it has its vote in term {}, and its vote in term {term} is for {vote}",
                    asked.term
                )
            };
            self.demand(vote == Some(candidate), Property::MessageIsTrue, what)
        } else {
            let what =
                || format!("it tells {candidate} that it rejects it, and has just voted for it");
            let is_new = vote == Some(candidate) && had_voted.is_none();
            self.demand(!is_new, Property::MessageIsTrue, what)?;
            // Once there is a leader, a server may well reject all others.
            let is_this_term = asked.term == term && self.leader.is_none();
            let asks_again = is_this_term && had_voted == Some(candidate);
            let end_of_log = self.end_of_log();
            let is_up_to_date =
                (asked.last_log_term, asked.last_log_index) >= (end_of_log.1, end_of_log.0);
            let what = || {
                format!(
                    "it tells {candidate}, which asks once more, that it does not have its vote"
                )
            };
            self.demand(!(asks_again && is_up_to_date), Property::MessageIsTrue, what)
        }
    }

    fn accepts(&self, conduct: Conduct, sent: &AppendEntries) -> Result<(), Breach> {
        let (leader, term) = (sent.leader_id, self.node.current_term());
        let what = || {
            format!(
                "it accepts an AppendEntries of {leader}, the leader of term {}, in term {term}",
                sent.term
            )
        };
        self.demand(sent.term == term, Property::MessageIsTrue, what)?;
        if conduct < Conduct::Logs {
            return Ok(());
        }
        let (last, last_term) = match sent.entries.last() {
            Some(entry) => (sent.last_new_index(), entry.term),
            None => (sent.prev_log_index, sent.prev_log_term),
        };
        let what = || {
            format!(
                "it tells {leader} that its log agrees up to the entry of term {last_term} at index {last}, which \
                 it does not hold"
            )
        };
        let holds = last < self.node.base().0 || self.term_at(last) == Some(last_term);
        self.demand(holds, Property::MessageIsTrue, what)
    }

    /// Figure 2, AppendEntries RPC, step 5.
    fn commits(&self, before: &Before) -> Result<(), Breach> {
        let Event::Request { request: Request::AppendEntries(sent), .. } = &before.event else {
            return Ok(());
        };
        // A leader commits what a majority holds, whatever the leader of an older term sends it.
        if self.node.role() == RoleName::Leader {
            return Ok(());
        }
        let is_success = |effect: &Effect| matches!(effect, Effect::Answer { reply: Reply::AppendEntries(reply), .. } if reply.success);
        let shown = if self.effects.iter().any(is_success) {
            sent.leader_commit.min(sent.last_new_index())
        } else {
            Index(0)
        };
        let (commit, expected) = (self.node.commit_index(), before.commit.max(shown));
        let what = || {
            format!(
                "an AppendEntries shows its log to agree up to index {}, and {} to be committed; it has committed \
                 up to {commit} now, and had up to {} before",
                sent.last_new_index(),
                sent.leader_commit,
                before.commit
            )
        };
        self.demand(commit == expected, Property::CommitsWhatIsShown, what)
    }

    fn end_of_log(&self) -> (Index, Term) {
        let last = self.node.last_index();
        (last, self.term_at(last).unwrap_or_default())
    }

    fn term_at(&self, index: Index) -> Option<Term> {
        let (base, base_term) = self.node.base();
        if index == base {
            return Some(base_term);
        }
        self.node.entry(index).map(|entry| entry.term)
    }

    fn demand(
        &self,
        holds: bool,
        property: Property,
        what: impl FnOnce() -> String,
    ) -> Result<(), Breach> {
        if holds { Ok(()) } else { Err(self.breach(property, &what())) }
    }

    fn breach(&self, property: Property, what: &str) -> Breach {
        Breach {
            property,
            servers: vec![self.id],
            terms: vec![self.node.current_term()],
            index: None,
            event: self.event,
            what: format!("{}: {what}", self.id),
        }
    }
}

/// With at least this many servers, it is no coincidence if all draw the same election timeout.
const MANY: usize = 5;

/// The election timeouts with which the servers of a run have started.
#[derive(Clone, Debug, Default)]
pub(crate) struct FirstTimeouts(Vec<Duration>);

impl FirstTimeouts {
    /// Notes what a server does that has just been started. `servers` is how many there are.
    ///
    /// # Errors
    /// If all servers have the same election timeout (§5.2).
    pub(crate) fn add(&mut self, servers: usize, after: &After<'_>) -> Result<(), Breach> {
        self.0.extend(after.effects.iter().find_map(|effect| match effect {
            Effect::SetTimer { timer: Timer::Election, after } => Some(*after),
            _ => None,
        }));
        let [first, rest @ ..] = self.0.as_slice() else { return Ok(()) };
        let are_drawn =
            servers < MANY || rest.len() + 1 < servers || rest.iter().any(|it| it != first);
        let what = || {
            format!(
                "it starts with an election timeout of {first:?}, like each of the {servers} servers: they will \
                 time out together, and split the vote"
            )
        };
        after.demand(are_drawn, Property::ChangesAsFigure4, what)
    }
}

/// Whether it is a message to this server that only a leader sends.
fn shows_a_leader(effect: &Effect, to: ServerId) -> bool {
    match effect {
        Effect::Call { to: other, request, .. } => {
            *other == to
                && matches!(request, Request::AppendEntries(_) | Request::InstallSnapshot(_))
        }
        _ => false,
    }
}
