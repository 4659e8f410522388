//! Whether a leader can still be elected, and commit.
//!
//! "A majority is up" is not enough to demand it: the servers that are up may lack what was committed. It is demanded
//! if some server that is up could win by the rule of votes: its log is at least as up to date as those of servers
//! that are up and are a majority of its own configuration (§5.4.1, §6). Then one of them must become leader,
//! whatever their terms and roles are: the network is emptied, the others are cut off, and the servers time out in
//! turn.

use protocol::{ClientRequest, Command, Index, Members, Node, RoleName, ServerId, Term, Timer};

use super::bounds::Live;
use super::violation::{EndStep, Finding};
use crate::{ScriptError, Scripted, Selector};

/// Each server times out this many times, unless there is a leader before: once to bring its term up to that of the
/// others, once to bring theirs up, and once to win.
const TURNS: usize = 3;

/// Within this many heartbeats, a leader commits a command. Four are enough; a follower that lacks entries may need more.
const HEARTBEATS: usize = 8;

/// After this many rounds of deliveries, messages probably answer one another forever.
const ROUNDS: usize = 100;

/// The smallest sets of servers of which one could win an election by its log. If one of these sets can have a leader,
/// more servers cannot keep it from that forever.
pub(super) fn able_sets(world: &Scripted) -> Vec<Members> {
    let up: Vec<ServerId> =
        world.cluster.servers().iter().copied().filter(|&id| world.cluster.is_up(id)).collect();
    let mut sets: Vec<Members> = Vec::new();
    let mut masks: Vec<u32> = (1..1_u32 << up.len()).collect();
    masks.sort_by_key(|mask| (mask.count_ones(), *mask));
    for mask in masks {
        let in_mask = up.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0);
        let set: Members = in_mask.map(|(_, &id)| id).collect();
        let is_smallest = !sets.iter().any(|smaller| smaller.is_subset(&set));
        if is_smallest && set.iter().any(|&id| could_win(world, id, &set)) {
            sets.push(set);
        }
    }
    sets
}

fn could_win(world: &Scripted, id: ServerId, up: &Members) -> bool {
    let Some(node) = world.cluster.node(id) else { return false };
    let members = node.members();
    let own = end_of_log(world, id);
    let votes = |other: &&ServerId| up.contains(other) && end_of_log(world, **other) <= own;
    members.contains(&id) && members.iter().filter(votes).count() > members.len() / 2
}

/// What §5.4.1 compares.
fn end_of_log(world: &Scripted, id: ServerId) -> (Term, Index) {
    let log = world.cluster.log(id);
    (log.last().map_or(Term(0), |entry| entry.term), Index(log.len() as u64))
}

/// Lets only these servers continue, and returns what is wrong if none of them becomes leader, or if the leader does
/// not commit. What was done is added to `ending`.
pub(super) fn try_out(
    world: &mut Scripted,
    up: &Members,
    live: Live,
    ending: &mut Vec<EndStep>,
) -> Option<Finding> {
    match (Ending { world, up, steps: ending }).run(live) {
        Ok(finding) => finding,
        Err(ScriptError::Stop(stop)) => Some(Finding::Stop(stop)),
        // Only timers that run are fired, at servers that are up.
        Err(_) => None,
    }
}

struct Ending<'a> {
    world: &'a mut Scripted,
    up: &'a Members,
    steps: &'a mut Vec<EndStep>,
}

impl Ending<'_> {
    fn run(&mut self, live: Live) -> Result<Option<Finding>, ScriptError> {
        if self.world.lose(&Selector::default()) > 0 {
            self.steps.push(EndStep::Lose);
        }
        self.world.partition(&[self.up.iter().copied().collect()]);
        self.steps.push(EndStep::OnlyUp(self.up.clone()));
        let Some(leader) = self.elect()? else {
            self.steps.push(EndStep::ExpectLeader);
            return Ok(Some(Finding::NoLeader(self.up.clone())));
        };
        if live == Live::Leader || self.commits(leader)? {
            return Ok(None);
        }
        Ok(Some(Finding::NoCommit(self.up.clone())))
    }

    fn elect(&mut self) -> Result<Option<ServerId>, ScriptError> {
        let turns = self.up.iter().cycle().take(self.up.len() * TURNS);
        for &candidate in turns {
            self.beat()?;
            if let Some(leader) = self.leader() {
                return Ok(Some(leader));
            }
            let leads = self.world.in_role(RoleName::Leader).contains(&candidate);
            if !leads {
                self.fire(candidate, Timer::Election)?;
                self.deliver()?;
            }
        }
        self.beat()?;
        Ok(self.leader())
    }

    /// Every server's leader lease ends, and every leader sends a heartbeat.
    fn beat(&mut self) -> Result<(), ScriptError> {
        for &id in self.up {
            self.fire(id, Timer::LeaderLease)?;
        }
        for id in self.world.in_role(RoleName::Leader) {
            if self.up.contains(&id) {
                self.fire(id, Timer::Heartbeat)?;
            }
        }
        self.deliver()
    }

    /// The server that leads a majority of its own configuration.
    fn leader(&self) -> Option<ServerId> {
        let leaders = self.world.cluster.leaders();
        let leads = |&(term, id): &(Term, ServerId)| {
            let members = self.world.cluster.node(id)?.members();
            let follows = |other: &&ServerId| {
                let node = self.world.cluster.node(**other);
                self.up.contains(other) && node.is_some_and(|node| node.current_term() == term)
            };
            let is_up = self.up.contains(&id);
            (is_up && members.iter().filter(follows).count() > members.len() / 2).then_some(id)
        };
        leaders.iter().find_map(leads)
    }

    /// Whether a leader commits a command. If it hands leadership over, or steps down after it has removed itself, the
    /// next leader has to.
    fn commits(&mut self, first: ServerId) -> Result<bool, ScriptError> {
        let mut leader = first;
        for _ in 0..=self.up.len() {
            if self.commits_one(leader)? {
                return Ok(true);
            }
            match self.leader() {
                Some(same) if same == leader => return Ok(false),
                Some(other) => leader = other,
                None => match self.elect()? {
                    Some(other) => leader = other,
                    None => return Ok(false),
                },
            }
        }
        Ok(false)
    }

    fn commits_one(&mut self, leader: ServerId) -> Result<bool, ScriptError> {
        let command = ClientRequest::Command(Command::from(EndStep::COMMAND));
        self.world.client(leader, command, EndStep::COMMAND)?;
        self.steps.push(EndStep::Command(leader));
        let target = self.world.cluster.node(leader).map_or(Index(0), Node::last_index);
        for _ in 0..HEARTBEATS {
            self.deliver()?;
            let committed = self.world.cluster.node(leader).map_or(Index(0), Node::commit_index);
            if committed >= target && target > Index(0) {
                return Ok(true);
            }
            self.beat()?;
            if self.leader() != Some(leader) {
                return Ok(false);
            }
        }
        self.steps.push(EndStep::ExpectCommit(leader, target));
        Ok(false)
    }

    fn fire(&mut self, id: ServerId, timer: Timer) -> Result<(), ScriptError> {
        if self.world.is_armed(id, timer) {
            self.steps.push(EndStep::Fire(id, timer));
            self.world.fire(id, timer)?;
        }
        Ok(())
    }

    fn deliver(&mut self) -> Result<(), ScriptError> {
        for _ in 0..ROUNDS {
            if self.world.in_flight().next().is_none() {
                return Ok(());
            }
            self.steps.push(EndStep::Deliver);
            self.world.deliver(&Selector::default())?;
        }
        // It says so if messages answer one another forever.
        self.world.deliver_all()
    }
}
