//! Patience, campaigns, and what a leader does.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::{Effect, Payload, Request, RequestVote, RoleName, ServerId, Timer};

use super::{Losers, Monolith, Patience};

impl Monolith {
    /// Waits for a leader, from now on.
    pub(super) fn be_patient(&mut self) {
        self.heard = false;
        let start = self.config.election_timeout.start.as_micros();
        let end = self.config.election_timeout.end.as_micros();
        let [start, end] = [start, end].map(|time| u64::try_from(time).unwrap_or(u64::MAX));
        let after = match self.habits.patience {
            Patience::Eager | Patience::Lazy => start + self.draw(end - start),
            Patience::Long => {
                let middle = start.midpoint(end);
                middle + self.draw((end - middle) / 1_000) * 1_000
            }
        };
        let after = Duration::from_micros(after);
        self.wanted.push(Effect::SetTimer { timer: Timer::Election, after });
    }

    /// Something was heard that calls for more patience.
    pub(super) fn hear(&mut self) {
        match self.habits.patience {
            Patience::Eager | Patience::Long => self.be_patient(),
            Patience::Lazy => self.heard = true,
        }
    }

    pub(super) fn patience_ends(&mut self) {
        match self.role {
            RoleName::Leader => {}
            _ if self.heard => self.be_patient(),
            RoleName::Follower | RoleName::Candidate => self.campaign(),
        }
    }

    fn campaign(&mut self) {
        self.begin(self.term.next());
        self.role = RoleName::Candidate;
        self.vote = Some(self.me);
        self.votes = 1;
        self.answered = BTreeSet::from([self.me]);
        self.be_patient();
        if 2 * self.votes > self.cluster.len() {
            return self.lead();
        }
        self.ask();
        if self.habits.retries {
            self.arm_heartbeat();
        }
    }

    /// Asks all who have not answered yet.
    fn ask(&mut self) {
        let (last_log_index, last_log_term) = self.end();
        let request = Request::RequestVote(RequestVote {
            term: self.term,
            candidate_id: self.me,
            last_log_index,
            last_log_term,
            leadership_transfer: false,
        });
        for peer in self.others() {
            if !self.answered.contains(&peer) {
                self.call(peer, request.clone());
            }
        }
    }

    /// An answer to this term's request for a vote.
    pub(super) fn vote_counted(&mut self, from: ServerId, granted: bool) {
        match self.role {
            RoleName::Candidate => {}
            RoleName::Leader if self.habits.greets => return self.greet(from),
            RoleName::Leader | RoleName::Follower => return,
        }
        if !self.cluster.contains(&from) || !self.answered.insert(from) {
            return;
        }
        self.votes += usize::from(granted);
        let refused = self.answered.len() - self.votes;
        if 2 * self.votes > self.cluster.len() {
            self.lead();
        } else if self.habits.losers == Losers::Follow && 2 * refused > self.cluster.len() {
            self.role = RoleName::Follower;
        }
    }

    fn lead(&mut self) {
        self.role = RoleName::Leader;
        self.leader = Some(self.me);
        self.meet_peers();
        if self.knows(4, 8) {
            self.append(Payload::NoOp);
        }
        self.beat();
    }

    /// The heartbeat timer has run out, or a new leader begins.
    pub(super) fn beat(&mut self) {
        match self.role {
            RoleName::Leader => {
                for _ in 0..=usize::from(self.habits.repeats) {
                    self.forget_calls();
                    for peer in self.others() {
                        self.replicate(peer);
                    }
                }
                self.arm_heartbeat();
            }
            RoleName::Candidate if self.habits.retries => {
                self.ask();
                self.arm_heartbeat();
            }
            RoleName::Candidate | RoleName::Follower => {}
        }
    }

    fn greet(&mut self, voter: ServerId) {
        self.replicate(voter);
    }

    fn arm_heartbeat(&mut self) {
        let after = self.config.heartbeat_interval;
        self.wanted.push(Effect::SetTimer { timer: Timer::Heartbeat, after });
    }
}
