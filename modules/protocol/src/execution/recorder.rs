//! How an execution is recorded: code that watches a cluster reports what happens, one thing after
//! another.

use super::{Execution, Moment, What};
use crate::{Entry, Index, ServerId, Term};

/// Records an execution, and keeps the present state of each server.
#[derive(Clone, Debug)]
pub struct Recorder {
    execution: Execution,
    servers: Vec<Now>,
}

/// A server's present state.
#[derive(Clone, Debug, Default)]
struct Now {
    term: Term,
    leads: bool,
    log: Vec<Entry>,
    commit_index: Index,
    last_applied: Index,
}

impl Recorder {
    /// For this many servers, S1, S2, …; nothing has happened yet.
    pub fn new(servers: u64) -> Self {
        let all = (0..servers).map(|_| Now::default()).collect();
        Recorder { execution: Execution { servers, moments: Vec::new() }, servers: all }
    }

    /// Everything that has happened.
    pub fn finish(self) -> Execution {
        self.execution
    }

    /// A server enters this term. That alone is no moment. A leader steps down when it enters a new
    /// term, which must be reported next.
    pub fn in_term(&mut self, server: ServerId, term: Term) {
        self.now(server).term = term;
    }

    /// A server is elected in this term.
    pub fn elected(&mut self, server: ServerId, term: Term) {
        let now = self.now(server);
        now.term = term;
        now.leads = true;
        self.add(server, What::Elected);
    }

    /// A leader steps down.
    pub fn stepped_down(&mut self, server: ServerId) {
        self.now(server).leads = false;
        self.add(server, What::SteppedDown);
    }

    /// From `first` on, a server's log now holds these entries, and nothing after them.
    pub fn log_changed(
        &mut self,
        server: ServerId,
        first: Index,
        entries: impl IntoIterator<Item = Entry>,
    ) {
        let now = self.now(server);
        let before = now.log.clone();
        now.log.truncate(position(first));
        now.log.extend(entries);
        if now.log != before {
            self.add(server, What::LogChanged { before });
        }
    }

    /// A server knows that the entries of its log up to `index` are committed.
    pub fn committed(&mut self, server: ServerId, index: Index) {
        let now = self.now(server);
        let from = std::mem::replace(&mut now.commit_index, index);
        for (index, entry) in self.between(server, from, index) {
            self.add(server, What::Committed { index, entry });
        }
    }

    /// A server has applied the entries of its log up to `index`.
    pub fn applied(&mut self, server: ServerId, index: Index) {
        let now = self.now(server);
        let from = std::mem::replace(&mut now.last_applied, index);
        for (index, entry) in self.between(server, from, index) {
            self.add(server, What::Applied { index, entry });
        }
    }

    /// A server crashes.
    pub fn crashed(&mut self, server: ServerId) {
        self.now(server).leads = false;
        self.add(server, What::Crashed);
    }

    /// A server restarts, with the term and the log that it had.
    pub fn restarted(&mut self, server: ServerId) {
        let now = self.now(server);
        now.commit_index = Index(0);
        now.last_applied = Index(0);
        self.add(server, What::Restarted);
    }

    fn now(&mut self, server: ServerId) -> &mut Now {
        let place = usize::try_from(server.0).unwrap_or(usize::MAX).saturating_sub(1);
        // A server that was added later.
        if self.servers.len() <= place {
            self.servers.resize_with(place + 1, Now::default);
            self.execution.servers = server.0;
        }
        &mut self.servers[place]
    }

    fn between(&mut self, server: ServerId, from: Index, to: Index) -> Vec<(Index, Entry)> {
        let log = &self.now(server).log;
        (from.0 + 1..=to.0)
            .filter_map(|index| Some((Index(index), log.get(position(Index(index)))?.clone())))
            .collect()
    }

    fn add(&mut self, server: ServerId, what: What) {
        let number = self.execution.moments.len() + 1;
        let Now { term, leads, log, .. } = self.now(server).clone();
        self.execution.moments.push(Moment { number, server, term, leads, log, what });
    }
}

fn position(index: Index) -> usize {
    usize::try_from(index.0).unwrap_or(usize::MAX).saturating_sub(1)
}
