//! Stretches: periods in which a quorum is up and connected, and nothing else happens to the cluster.

use std::fmt::Write as _;
use std::time::Duration;

use protocol::{Members, ServerId};
use rand::RngExt as _;
use rand::seq::SliceRandom as _;

use super::Timed;
use crate::world::World as _;
use crate::{Faults, Stop, TraceEvent};

/// Clients send commands at most this often on average. A wrong cluster commits none of them for a minute, and the
/// longer a server's log is, the longer each event may take.
const COMMANDS: Duration = Duration::from_millis(200);

/// How servers outside the quorum may be cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outside {
    /// Each is alone: it reaches nobody, and nobody reaches it.
    Alone,
    /// Each is alone, or reaches some of the others, which reach it too: a bridge.
    Bridges,
    /// Also, links may be cut in one direction only.
    OneWay,
}

impl Timed {
    /// Leaves a quorum, which is drawn, up and connected in both directions. The other servers stay down if they are
    /// down, and are cut off as drawn. From now on messages meet no faults, nothing else fails, and clients continue,
    /// until [`Timed::heal`]. Returns the quorum.
    ///
    /// # Errors
    /// If a server of the quorum cannot be restarted.
    pub fn connect_quorum(&mut self, outside: Outside) -> Result<Members, Stop> {
        let command_every = self.faults.command_every.map(|every| every.max(COMMANDS));
        self.set_faults(Faults { command_every, ..Faults::calm() });
        let quorum = self.draw_quorum();
        let before = self.links.clone();
        self.links.heal();
        self.cluster.record(|| TraceEvent::Healed);
        for &id in self.cluster.servers().clone().difference(&quorum) {
            self.cut_off(id, outside);
        }
        self.record_cuts(&before);
        for &id in &quorum {
            self.cluster.repair(id);
            self.restart(id)?;
        }
        Ok(quorum)
    }

    /// Servers in an order that is drawn, as many as it takes and often more.
    fn draw_quorum(&mut self) -> Members {
        let mut ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        ids.shuffle(&mut self.nemesis_rng);
        let mut quorum = Members::new();
        for id in ids {
            if self.cluster.is_quorum(&quorum) && self.nemesis_rng.random_bool(0.7) {
                break;
            }
            quorum.insert(id);
        }
        quorum
    }

    fn cut_off(&mut self, id: ServerId, outside: Outside) {
        let kinds = [Outside::Alone, Outside::Bridges, Outside::OneWay];
        // At most what `outside` allows.
        let outside = kinds[self.nemesis_rng.random_range(0..=outside as usize)];
        for other in self.cluster.servers().clone() {
            if other == id {
                continue;
            }
            let (there, back) = match outside {
                Outside::Alone => (true, true),
                Outside::Bridges => {
                    let cut = self.nemesis_rng.random_bool(0.5);
                    (cut, cut)
                }
                Outside::OneWay => {
                    (self.nemesis_rng.random_bool(0.5), self.nemesis_rng.random_bool(0.5))
                }
            };
            // What another outside server has cut stays cut.
            if there {
                self.links.set_cut(id, other, true);
            }
            if back {
                self.links.set_cut(other, id, true);
            }
        }
    }

    /// Which servers each server reaches, for the learner: one line for each.
    pub fn describe_links(&self) -> String {
        let ids = self.cluster.servers();
        let mut text = String::new();
        for &id in ids {
            let reached = ids.iter().filter(|&&to| to != id && !self.links().is_cut(id, to));
            let names: Vec<String> = reached.map(ToString::to_string).collect();
            let _ = match (self.cluster.is_up(id), &names[..]) {
                (false, _) => writeln!(text, "{id} is down"),
                (true, []) => writeln!(text, "{id} reaches nobody"),
                (true, names) => writeln!(text, "{id} reaches {}", names.join(" ")),
            };
        }
        text
    }

    /// Whether a leader has a quorum: a majority of its members, with itself, are up, in its term, and linked to
    /// it in both directions.
    pub fn has_quorum_leader(&self) -> bool {
        self.cluster.leaders().into_iter().any(|(term, leader)| {
            let Some(members) = self.cluster.node(leader).map(protocol::Node::members) else {
                return false;
            };
            let follows = |&&id: &&ServerId| {
                let is_linked = !self.links.is_cut(leader, id) && !self.links.is_cut(id, leader);
                let node = self.cluster.node(id);
                is_linked && node.is_some_and(|node| node.current_term() == term)
            };
            2 * members.iter().filter(follows).count() > members.len()
        })
    }
}
