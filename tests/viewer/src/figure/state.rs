//! What a server holds, as the columns of a recording say.

use std::collections::BTreeSet;

use simulator::{Columns, Recording};

use super::numbers::place;

/// A server's role, or that it is down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Role {
    Follower,
    Candidate,
    Leader,
    /// It does not run, or was not started yet.
    #[default]
    Down,
}

impl Role {
    pub(super) fn name(self) -> &'static str {
        match self {
            Role::Follower => "follower",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
            Role::Down => "down",
        }
    }
}

/// What a server holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct State {
    pub(super) role: Role,
    pub(super) term: u64,
    /// The server that it votes for in this term; 0 for none.
    pub(super) vote: u64,
    pub(super) commit: u64,
    /// The last index that was compacted away.
    pub(super) base: u64,
    /// The number of a text: the members of its configuration.
    pub(super) members: u64,
    /// The terms of its entries.
    pub(super) log: Vec<u64>,
}

/// All servers, as a recording is read from its beginning to its end.
pub(super) struct States<'a> {
    columns: &'a Columns,
    change: usize,
    entry: usize,
    link: usize,
    pair: usize,
    /// S1 is first.
    pub(super) servers: Vec<State>,
    /// The links that are cut: from and to.
    pub(super) cut: BTreeSet<(u64, u64)>,
}

impl<'a> States<'a> {
    /// Before the first step.
    pub(super) fn new(run: &'a Recording) -> Self {
        States {
            columns: &run.columns,
            change: 0,
            entry: 0,
            link: 0,
            pair: 0,
            servers: vec![State::default(); place(run.servers)],
            cut: BTreeSet::new(),
        }
    }

    /// Applies everything that has changed up to and including this step.
    pub(super) fn advance(&mut self, step: u64) {
        let c = self.columns;
        while c.change_step.get(self.change).is_some_and(|&at| at <= step) {
            self.apply(self.change);
            self.change += 1;
        }
        while c.link_step.get(self.link).is_some_and(|&at| at <= step) {
            let end = self.pair + place(c.link_count[self.link]);
            let pairs = c.link_from[self.pair..end].iter().zip(&c.link_to[self.pair..end]);
            self.cut = pairs.map(|(&from, &to)| (from, to)).collect();
            self.pair = end;
            self.link += 1;
        }
    }

    fn apply(&mut self, at: usize) {
        let c = self.columns;
        let entries = self.entry..self.entry + place(c.change_log_count[at]);
        self.entry = entries.end;
        let Some(server) = self.servers.get_mut(place(c.change_server[at]).wrapping_sub(1)) else {
            return;
        };
        server.role = match c.change_role[at] {
            0 => Role::Follower,
            1 => Role::Candidate,
            2 => Role::Leader,
            _ => Role::Down,
        };
        server.term = c.change_term[at];
        server.vote = c.change_vote[at];
        server.commit = c.change_commit[at];
        server.base = c.change_base[at];
        server.members = c.change_members[at];
        if c.change_log_from[at] > 0 {
            server.log.truncate(place(c.change_log_from[at] - 1));
            server.log.extend(&c.entry_term[entries]);
        }
    }

    /// Whether a server reaches no other one and is reached by none.
    pub(super) fn is_cut_off(&self, server: u64) -> bool {
        let mut others = (1..=self.servers.len() as u64).filter(|&other| other != server);
        others
            .all(|other| self.cut.contains(&(server, other)) && self.cut.contains(&(other, server)))
            && self.servers.len() > 1
    }

    /// Whether a server and the next one in order do not reach each other, and neither is cut off altogether.
    pub(super) fn has_fence(&self, server: u64) -> bool {
        let next = server + 1;
        let is_apart = self.cut.contains(&(server, next)) && self.cut.contains(&(next, server));
        is_apart && !self.is_cut_off(server) && !self.is_cut_off(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_built_from_its_changes_and_links_are_cut_and_opened() {
        let columns = Columns {
            change_step: vec![0, 1, 2],
            change_server: vec![2, 2, 2],
            change_role: vec![0, 2, 3],
            change_term: vec![1, 2, 2],
            change_vote: vec![0, 2, 2],
            change_commit: vec![0, 0, 1],
            change_applied: vec![0; 3],
            change_base: vec![0; 3],
            change_last: vec![3, 3, 3],
            change_members: vec![0; 3],
            change_log_from: vec![1, 2, 0],
            change_log_count: vec![3, 2, 0],
            entry_term: vec![1, 1, 1, 2, 2],
            entry_words: vec![0; 5],
            link_step: vec![1, 2],
            link_count: vec![2, 0],
            link_from: vec![1, 2],
            link_to: vec![2, 1],
            ..Columns::default()
        };
        let run = Recording { servers: 2, columns, ..Recording::default() };
        let mut states = States::new(&run);
        states.advance(0);
        assert_eq!(states.servers[1].log, [1, 1, 1]);
        assert_eq!(states.servers[0].role, Role::Down, "it was not started");
        states.advance(1);
        assert_eq!(states.servers[1].log, [1, 2, 2]);
        assert!(states.is_cut_off(1) && states.is_cut_off(2));
        states.advance(2);
        assert_eq!((states.servers[1].role, states.servers[1].commit), (Role::Down, 1));
        assert!(!states.is_cut_off(1));
    }
}
