//! Doing faults to servers, and healing.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use cluster::tool::{LinkFaults, Machines, Outcome};

use crate::plan::{Kind, Planned, Target};

/// What was done to servers and is not undone yet.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    pub(crate) killed: BTreeSet<u64>,
    paused: BTreeSet<u64>,
    linked: BTreeSet<u64>,
    /// What each server's links suffer.
    links: std::collections::BTreeMap<u64, LinkFaults>,
}

impl Damage {
    /// Does a fault. Returns what was done, in words.
    pub(crate) fn inflict(
        &mut self,
        machines: &mut Machines,
        fault: Planned,
        leader: Option<u64>,
    ) -> Outcome<String> {
        let mut targets = targets(&machines.ids(), fault.target, leader);
        // Others may have ended by themselves, which is reported elsewhere.
        targets.retain(|&id| self.killed.contains(&id) || machines.is_alive(id));
        let whom = names(&targets, leader);
        match fault.kind {
            Kind::Kill => self.kill(machines, &targets, fault.number, &whom),
            Kind::Pause => {
                for id in targets {
                    if !self.killed.contains(&id) && self.paused.insert(id) {
                        unless_dead(machines, id, machines.pause(id))?;
                    }
                }
                Ok(format!("{whom} is paused"))
            }
            Kind::Cut | Kind::OneWay | Kind::Slow => {
                self.break_links(machines, fault, &targets, &whom)
            }
        }
    }

    /// Kills servers, and starts them again after a while; those with an even number at once.
    fn kill(
        &mut self,
        machines: &Machines,
        targets: &[u64],
        millis: u64,
        whom: &str,
    ) -> Outcome<String> {
        let targets: Vec<u64> = targets
            .iter()
            .copied()
            .filter(|id| !self.paused.contains(id) && !self.killed.contains(id))
            .collect();
        targets.iter().try_for_each(|&id| unless_dead(machines, id, machines.kill(id)))?;
        if millis.is_multiple_of(2) {
            self.killed.extend(&targets);
            return Ok(format!("{whom} is killed"));
        }
        thread::sleep(Duration::from_millis(millis / 4));
        // One that does not start is left to the healing, which reports it.
        self.killed.extend(targets.into_iter().filter(|&id| machines.restart(id).is_err()));
        Ok(format!("{whom} is killed, and started again at once"))
    }

    fn break_links(
        &mut self,
        machines: &mut Machines,
        fault: Planned,
        targets: &[u64],
        whom: &str,
    ) -> Outcome<String> {
        let ids = machines.ids();
        for &id in &ids {
            let is_target = targets.contains(&id);
            let others: Vec<u64> = ids.iter().copied().filter(|&it| it != id).collect();
            // Those on the other side. If all are targets, each is alone.
            let across = |of: &[u64]| -> Vec<u64> {
                let all = targets.len() == ids.len();
                of.iter().copied().filter(|it| all || targets.contains(it) != is_target).collect()
            };
            let links = self.links.entry(id).or_default();
            match fault.kind {
                Kind::Cut => links.cut = across(&others),
                Kind::OneWay if is_target == (fault.number % 2 == 1) => {
                    links.muted = across(&others);
                }
                Kind::Slow => links.slow = Some((fault.number, across(&others))),
                _ => {}
            }
        }
        for (&id, links) in &self.links {
            self.linked.insert(id);
            if machines.is_alive(id) && !self.paused.contains(&id) {
                let told = machines.set_links(id, links.clone());
                unless_dead(machines, id, told)?;
            }
        }
        let all = targets.len() == ids.len();
        Ok(match fault.kind {
            Kind::Cut if all => "no server reaches another".to_owned(),
            Kind::Cut => format!("{whom} and the rest do not reach each other"),
            Kind::OneWay if fault.number % 2 == 1 => {
                format!("what {whom} sends to the rest is lost")
            }
            Kind::OneWay => format!("what the rest sends to {whom} is lost"),
            _ => format!("messages between {whom} and the rest are {} ms late", fault.number),
        })
    }

    /// Ends all faults. Returns the servers that do not start again, and why.
    pub(crate) fn heal(&mut self, machines: &mut Machines) -> Outcome<Vec<(u64, String)>> {
        for id in std::mem::take(&mut self.paused) {
            unless_dead(machines, id, machines.resume(id))?;
        }
        self.links.clear();
        for id in std::mem::take(&mut self.linked) {
            if !machines.is_alive(id) {
                // It learns of this when it starts.
                let _ = machines.set_links(id, LinkFaults::default());
                continue;
            }
            // One that was paused may have much to catch up with.
            let begin = Instant::now();
            while let Err(error) = machines.set_links(id, LinkFaults::default()) {
                if begin.elapsed() > Duration::from_secs(5) {
                    unless_dead(machines, id, Err(error))?;
                    break;
                }
                if !machines.is_alive(id) {
                    break;
                }
            }
        }
        let killed = std::mem::take(&mut self.killed).into_iter();
        let failed = killed.filter_map(|id| Some((id, machines.restart(id).err()?.to_string())));
        Ok(failed.collect())
    }
}

/// What was done to a server, unless it has ended by itself in the meantime: that is a finding, and reported elsewhere.
fn unless_dead(machines: &Machines, id: u64, done: Outcome<()>) -> Outcome<()> {
    let begin = Instant::now();
    // A process that panics takes a moment to end.
    while done.is_err() && begin.elapsed() < Duration::from_secs(2) {
        if !machines.is_alive(id) {
            return Ok(());
        }
        thread::sleep(Duration::from_millis(20));
    }
    done
}

fn targets(ids: &[u64], target: Target, leader: Option<u64>) -> Vec<u64> {
    let leader = leader.unwrap_or(ids[0]);
    let others: Vec<u64> = ids.iter().copied().filter(|&id| id != leader).collect();
    match target {
        Target::Leader => vec![leader],
        Target::Follower(_) if others.is_empty() => vec![leader],
        Target::Follower(place) => {
            let place = usize::try_from(place).unwrap_or(0) % others.len();
            vec![others[place]]
        }
        // Without these, no quorum is left.
        Target::Majority => {
            [leader].into_iter().chain(others).take(ids.len() - ids.len() / 2).collect()
        }
        Target::All => ids.to_vec(),
    }
}

fn names(targets: &[u64], leader: Option<u64>) -> String {
    let name = |&id: &u64| {
        if Some(id) == leader { format!("S{id} (the leader)") } else { format!("S{id}") }
    };
    targets.iter().map(name).collect::<Vec<_>>().join(" and ")
}
