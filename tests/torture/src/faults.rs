//! Doing faults to servers, and healing.

use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use cluster::tool::{LinkFaults, Machines, Outcome};

use crate::plan::{Kind, Planned, Target};

/// What was done to servers and is not undone yet.
#[derive(Debug, Default)]
pub(crate) struct Damage {
    pub(crate) killed: BTreeSet<u64>,
    paused: BTreeSet<u64>,
    /// The faults of each server's links.
    links: BTreeMap<u64, LinkFaults>,
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
        match fault.kind {
            // A process that is paused, or that has ended, is not killed or paused again.
            Kind::Kill | Kind::Pause => {
                targets.retain(|id| !self.paused.contains(id) && machines.is_alive(*id));
            }
            // A server that was killed starts again. One that has ended by itself is reported elsewhere.
            Kind::Cut | Kind::OneWay | Kind::Slow => {
                targets.retain(|id| self.killed.contains(id) || machines.is_alive(*id));
            }
        }
        if targets.is_empty() {
            let kind = fault.kind;
            return Ok(format!("nothing was done ({kind}): its servers had ended or were paused"));
        }
        match fault.kind {
            Kind::Kill => self.kill(machines, &targets, fault.number, leader),
            Kind::Pause => {
                for &id in &targets {
                    self.paused.insert(id);
                    unless_dead(machines, id, machines.pause(id))?;
                }
                Ok(format!("{} paused", names_with(&targets, leader, "is", "are")))
            }
            Kind::Cut | Kind::OneWay | Kind::Slow => {
                self.break_links(machines, fault, &targets, leader)
            }
        }
    }

    /// Kills servers. With an odd number they start again after a quarter of that many milliseconds; with an even one, when
    /// the round ends.
    fn kill(
        &mut self,
        machines: &Machines,
        targets: &[u64],
        number: u64,
        leader: Option<u64>,
    ) -> Outcome<String> {
        targets.iter().try_for_each(|&id| unless_dead(machines, id, machines.kill(id)))?;
        let who_are = names_with(targets, leader, "is", "are");
        if number.is_multiple_of(2) {
            self.killed.extend(targets);
            return Ok(format!("{who_are} killed"));
        }
        thread::sleep(Duration::from_millis(number / 4));
        // One that does not start is left to the healing, which reports it.
        self.killed.extend(targets.iter().filter(|&&id| machines.restart(id).is_err()));
        Ok(format!("{who_are} killed, and soon started again"))
    }

    fn break_links(
        &mut self,
        machines: &mut Machines,
        fault: Planned,
        targets: &[u64],
        leader: Option<u64>,
    ) -> Outcome<String> {
        let ids = machines.ids();
        let all = targets.len() == ids.len();
        let targets_send = fault.number % 2 == 1;
        for &id in &ids {
            let is_target = targets.contains(&id);
            let others: Vec<u64> = ids.iter().copied().filter(|&it| it != id).collect();
            // Those on the other side. If all are targets, each is alone.
            let across = |of: &[u64]| -> Vec<u64> {
                of.iter().copied().filter(|it| all || targets.contains(it) != is_target).collect()
            };
            let links = self.links.entry(id).or_default();
            match fault.kind {
                Kind::Cut => links.cut = across(&others),
                Kind::OneWay if all || is_target == targets_send => {
                    links.muted = across(&others);
                }
                Kind::Slow => links.slow = Some((fault.number, across(&others))),
                _ => {}
            }
        }
        for (&id, links) in &self.links {
            if machines.is_alive(id) && !self.paused.contains(&id) {
                let told = machines.set_links(id, links.clone());
                unless_dead(machines, id, told)?;
            }
        }
        let whom = names(targets, leader);
        Ok(match fault.kind {
            Kind::Cut | Kind::OneWay if all => "no server reaches another".to_owned(),
            Kind::Cut => format!("{whom} and the rest do not reach each other"),
            Kind::OneWay if targets_send => {
                format!("what {} to the rest is lost", names_with(targets, leader, "sends", "send"))
            }
            Kind::OneWay => format!("what the rest sends to {whom} is lost"),
            _ if all => format!("messages between servers are {} ms late", fault.number),
            _ => format!("messages between {whom} and the rest are {} ms late", fault.number),
        })
    }

    /// Ends all faults. Returns the servers that do not start again, and why.
    pub(crate) fn heal(&mut self, machines: &mut Machines) -> Outcome<Vec<(u64, String)>> {
        for id in std::mem::take(&mut self.paused) {
            unless_dead(machines, id, machines.resume(id))?;
        }
        for id in std::mem::take(&mut self.links).into_keys() {
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
                thread::sleep(Duration::from_millis(20));
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
    let mut names: Vec<String> = targets.iter().map(name).collect();
    let last = names.pop().unwrap_or_default();
    if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
}

/// The servers' names, and the verb in the number that goes with them.
fn names_with(targets: &[u64], leader: Option<u64>, one: &str, many: &str) -> String {
    format!("{} {}", names(targets, leader), if targets.len() == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_of_a_majority_leaves_no_quorum() {
        for count in 1..=9_u64 {
            let ids: Vec<u64> = (1..=count).collect();
            let chosen = targets(&ids, Target::Majority, Some(count));
            assert!(chosen.contains(&count), "the leader, S{count}, is not among {chosen:?}");
            let left = ids.len() - chosen.len();
            assert!(left <= ids.len() / 2, "{left} of {count} servers are left, and a quorum");
        }
    }

    #[test]
    fn servers_are_named_with_their_verb() {
        assert_eq!(names_with(&[2], Some(2), "is", "are"), "S2 (the leader) is");
        assert_eq!(names_with(&[1, 2, 3], None, "is", "are"), "S1, S2 and S3 are");
    }
}
