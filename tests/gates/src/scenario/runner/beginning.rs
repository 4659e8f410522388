//! How a scenario begins: its servers, their limits, and the states that they are given.

use std::collections::BTreeSet;

use protocol::{Config, Index, ServerId};
use simulator::{Given, GivenRole};

use super::{NO_CLUSTER, ScenarioRunner};
use crate::scenario::words::{self, Fault, Words};

/// So many servers are enough for every scenario of the paper.
const MOST_SERVERS: u64 = 9;

impl ScenarioRunner {
    /// The limits that hold instead of the usual ones.
    pub(super) fn config(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        self.before_all("config")?;
        let snapshot = words.read("snapshot", words::limit)?;
        let chunk = words.read("chunk", words::limit)?;
        let batch = words.read("batch", words::limit)?;
        words.end(possible)?;
        let Config { snapshot_entries, snapshot_chunk, max_entries, .. } = &mut self.config;
        for (limit, word) in
            [(snapshot_entries, snapshot), (snapshot_chunk, chunk), (max_entries, batch)]
        {
            *limit = word.unwrap_or(*limit);
        }
        Ok(())
    }

    /// What is said before the servers are started cannot be said later.
    pub(super) fn before_all(&self, command: &str) -> Result<(), Fault> {
        if self.count.is_none() {
            return Err(Fault::Script(NO_CLUSTER.to_owned()));
        }
        if self.world.is_some() {
            return Err(Fault::Script(format!(
                "`{command}` must come before the first command that lets something happen"
            )));
        }
        Ok(())
    }

    pub(super) fn cluster(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let word = words.required("the number of servers")?;
        let many = format!("a cluster has 1 to {MOST_SERVERS} servers");
        let count = word.parse().map_err(|_| Fault::word(word, &many))?;
        if !(1..=MOST_SERVERS).contains(&count) {
            return Err(Fault::word(word, many));
        }
        let waiting = words.read("waiting", words::waiting)?.unwrap_or(0);
        let all = count + waiting;
        if all > MOST_SERVERS {
            return Err(Fault::word(&format!("waiting={waiting}"), many));
        }
        words.end(possible)?;
        if self.count.replace(all).is_some() {
            return Err(Fault::Script("a scenario has one `cluster`, at its beginning".to_owned()));
        }
        for id in (count + 1..=all).map(ServerId) {
            self.given.insert(id, Given { waits: true, ..Given::default() });
        }
        Ok(())
    }

    pub(super) fn give(&mut self, mut words: Words<'_>, possible: &str) -> Result<(), Fault> {
        let id = words::server(words.required("the server")?)?;
        self.before_all("given")?;
        self.known(id)?;
        let log = words.read("log", words::terms)?.unwrap_or_default();
        let last = log.last().copied().unwrap_or_default();
        let voted_for = words.read("vote", words::vote)?.flatten();
        let votes = words.read("votes", words::servers)?;
        let role = match words.key("role").unwrap_or("follower") {
            "follower" | "leader" if votes.is_some() => {
                return Err(Fault::Script("`votes=` is for a candidate".to_owned()));
            }
            "follower" => GivenRole::Follower(words.read("leader", words::server)?),
            "candidate" => GivenRole::Candidate(votes.unwrap_or_else(|| BTreeSet::from([id]))),
            "leader" => GivenRole::Leader,
            role => return Err(Fault::word(role, "follower, candidate or leader is possible")),
        };
        // Who campaigns or leads has voted for itself.
        let own = matches!(role, GivenRole::Candidate(_) | GivenRole::Leader).then_some(id);
        let given = Given {
            current_term: words.read("term", words::term)?.unwrap_or(last),
            voted_for: voted_for.or(own),
            log: words::entries(Index(0), &log, words.read("members", words::members_at)?)?,
            commit_index: words.read("commit", words::index)?.unwrap_or_default(),
            role,
            waits: self.given.get(&id).is_some_and(|given| given.waits),
        };
        words.end(possible)?;
        if given.current_term < last {
            return Err(Fault::Script(format!(
                "{id} cannot be in term {} with an entry of term {last} in its log",
                given.current_term
            )));
        }
        self.given.insert(id, given);
        Ok(())
    }
}
