//! Elections among a few servers, decided by the learner's `vote` and `wins`.

use std::collections::{BTreeMap, BTreeSet};

use super::subject;
use subject::Voter;
use subject::protocol::execution::{Execution, Recorder};
use subject::protocol::{ServerId, Term};

/// A candidate in a term.
pub(super) type Candidate = (ServerId, Term);

/// A request for a vote: a candidate, and the server that it asks.
pub(super) type Request = (Candidate, ServerId);

/// Servers whose votes the learner's functions decide.
pub(super) struct Election {
    voters: BTreeMap<ServerId, Voter>,
    votes: BTreeMap<Candidate, BTreeSet<ServerId>>,
    leaders: BTreeSet<Candidate>,
    recorder: Recorder,
    story: Vec<String>,
}

impl Election {
    /// S1, S2, …, all new.
    pub(super) fn new(servers: u64) -> Self {
        Election {
            voters: (1..=servers).map(|id| (ServerId(id), Voter::default())).collect(),
            votes: BTreeMap::new(),
            leaders: BTreeSet::new(),
            recorder: Recorder::new(servers),
            story: Vec::new(),
        }
    }

    /// A server starts an election in a newer term, and votes for itself. That is no part of the exercise.
    pub(super) fn campaign(&mut self, (id, term): Candidate) -> Candidate {
        let Some(voter) = self.voters.get_mut(&id) else { panic!("there is no {id}") };
        *voter = Voter { current_term: term, voted_for: Some(id) };
        self.votes.insert((id, term), BTreeSet::from([id]));
        self.story.push(format!("{id} starts an election in term {term}, and votes for itself"));
        (id, term)
    }

    /// A request arrives, and is answered. The candidate counts the servers that have voted for it.
    pub(super) fn ask(&mut self, (candidate, to): Request) {
        let (id, term) = candidate;
        let Some(voter) = self.voters.get_mut(&to) else { panic!("there is no {to}") };
        let is_granted = subject::vote(voter, id, term);
        let says = if is_granted { "votes for" } else { "rejects" };
        self.story.push(format!("{to} {says} {id} in term {term}"));
        if is_granted {
            self.votes.entry(candidate).or_default().insert(to);
        }
    }

    /// A request gets lost.
    pub(super) fn lose(&mut self, ((id, term), to): Request) {
        self.story.push(format!("{to} never receives the request of {id} in term {term}"));
    }

    /// A candidate counts its votes. Returns whether it leads.
    pub(super) fn count(&mut self, candidate: Candidate) -> bool {
        let (id, term) = candidate;
        let (votes, servers) = (self.votes[&candidate].len(), self.voters.len());
        let leads = subject::wins(votes, servers);
        let so = if leads { "and leads" } else { "and does not lead" };
        self.story.push(format!("{id} has {votes} votes of {servers} in term {term}, {so}"));
        if leads && self.leaders.insert(candidate) {
            self.recorder.elected(id, term);
        }
        leads
    }

    /// What happened, line by line.
    pub(super) fn story(&self) -> String {
        let lines: Vec<String> = self.story.iter().map(|line| format!("  {line}")).collect();
        lines.join("\n")
    }

    /// The same as an execution, for the predicates of this module.
    pub(super) fn into_execution(self) -> Execution {
        self.recorder.finish()
    }
}

/// Every order of these requests.
pub(super) fn orders(requests: &[Request]) -> Vec<Vec<Request>> {
    if requests.is_empty() {
        return vec![Vec::new()];
    }
    let mut all = Vec::new();
    for (at, &first) in requests.iter().enumerate() {
        let others: Vec<Request> = [&requests[..at], &requests[at + 1..]].concat();
        all.extend(orders(&others).into_iter().map(|rest| [vec![first], rest].concat()));
    }
    all
}
