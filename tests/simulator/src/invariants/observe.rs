//! What is checked of a server after each of its events.

use protocol::{Index, Node, RoleName, ServerId, Term};

use super::breach::{Breach, Property};
use super::history::Invariants;
use super::seen::{Changes, ObservedServer, slot};

impl Invariants {
    /// Checks a server after an event. `touched` is the range of indexes whose entries the event brought, if
    /// it brought any.
    ///
    /// The order decides which of several breaches is reported: the term and the vote come first, then the
    /// log, and then what depends on the log.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub(crate) fn observe(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
        touched: Option<(Index, Index)>,
    ) -> Result<Changes, Breach> {
        if self.seen[slot(id)].is_as(node) {
            // Most events change at most a log. Everything below depends on changes alone.
            let log = self.observe_log(id, node, event, touched)?;
            return Ok(Changes { log, ..Changes::default() });
        }
        let term = node.current_term();
        let role = node.role();
        let mut changed = self.observe_term_and_vote(id, node, term, event)?;
        self.observe_base(id, node, event)?;
        changed.log = self.observe_log(id, node, event, touched)?;
        let seen = &mut self.seen[slot(id)];
        let newly_leading =
            role == RoleName::Leader && (seen.role != role || seen.current_term != term);
        changed.role_or_term = seen.role != role || seen.current_term != term;
        seen.role = role;
        seen.current_term = term;
        seen.voted_for = node.voted_for();
        if newly_leading {
            self.elected(id, term, event)?;
        }
        let applied_before = self.seen(id).last_applied;
        changed.commit = self.observe_commit(id, node, event)?;
        self.observe_machine(id, node, applied_before, event)?;
        Ok(changed)
    }

    /// Accepts a server as it is, without comparing it with what was seen of it before: when the run begins,
    /// or when a server without stable storage starts again.
    ///
    /// # Errors
    /// If it contradicts the other servers.
    pub(crate) fn introduce(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<(), Breach> {
        self.seen[slot(id)] = ObservedServer::new(id);
        self.observe(id, node, event, Some((Index(1), node.last_index()))).map(|_| ())
    }

    /// A server is about to come back from its disk. When it is observed next, it must be at least in this
    /// term, with this vote in it. Its commit index and last applied index are volatile and may be 0.
    pub(crate) fn restarting(&mut self, id: ServerId, term: Term, vote: Option<ServerId>) {
        let seen = &mut self.seen[slot(id)];
        seen.role = RoleName::Follower;
        seen.current_term = term;
        seen.voted_for = vote;
        seen.commit_index = Index(0);
        seen.last_applied = Index(0);
        seen.base = Index(0);
    }

    /// Compares the whole log of a server with what was seen of it, and not only what the last event touched.
    ///
    /// # Errors
    /// The first property that does not hold.
    pub(crate) fn audit(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<(), Breach> {
        self.observe(id, node, event, Some((Index(1), node.last_index()))).map(|_| ())
    }

    fn observe_term_and_vote(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        term: Term,
        event: u64,
    ) -> Result<Changes, Breach> {
        let seen = &self.seen[slot(id)];
        if term < seen.current_term {
            return Err(term_fell(seen, term, event));
        }
        let vote = node.voted_for();
        let vote_changed = vote != seen.voted_for;
        if vote_changed && term == seen.current_term && seen.voted_for.is_some() {
            return Err(second_vote(seen, vote, event));
        }
        Ok(Changes { vote: vote_changed, ..Changes::default() })
    }
}

fn term_fell(seen: &ObservedServer, term: Term, event: u64) -> Breach {
    Breach {
        property: Property::TermNeverFalls,
        servers: vec![seen.id],
        terms: vec![seen.current_term, term],
        index: None,
        event,
        what: format!("{} was in term {} and went back to term {term}", seen.id, seen.current_term),
    }
}

fn second_vote(seen: &ObservedServer, vote: Option<ServerId>, event: u64) -> Breach {
    let (id, term) = (seen.id, seen.current_term);
    let before = seen.voted_for.map_or_else(|| "nobody".to_owned(), |id| id.to_string());
    let what = match vote {
        Some(now) => format!("in term {term}, {id} voted for {before} and then for {now}"),
        None => format!("{id} voted for {before} in term {term} and forgot it in the same term"),
    };
    Breach {
        property: Property::OneVoteATerm,
        servers: std::iter::once(id).chain(seen.voted_for).chain(vote).collect(),
        terms: vec![term],
        index: None,
        event,
        what,
    }
}
