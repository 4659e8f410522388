//! What goes wrong in a timed run besides messages: partitions, crashes, and disks that fail.

use std::time::Duration;

use protocol::{Event, ServerId};
use rand::RngExt as _;

use super::{Clock, Due, Timed};
use crate::invariants::slot;
use crate::{Happened, Stop, Trouble};

/// At most so many bytes of a write are there after a crash inside of it: about as many as it has, so that
/// some are whole.
const MOST_TORN: usize = 100;

impl Timed {
    pub(super) fn later(&mut self, every: Option<Duration>, due: Due) {
        let Some(every) = every else { return };
        let wait = self.nemesis.random_range(Duration::ZERO..every * 2);
        self.agenda.schedule(self.cluster.now + wait, due);
    }

    pub(super) fn change_partition(&mut self, mix: u64) {
        if self.nemesis.random_bool(0.4) {
            self.links.heal();
            self.cluster.record(|| Happened::Healed);
        } else {
            self.cut_links();
        }
        self.later(self.faults.partition_every, Due::Partition { mix });
    }

    /// One-way: a server is not heard, or does not hear. Otherwise: two groups.
    pub(super) fn cut_links(&mut self) {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let before = self.links.clone();
        if self.nemesis.random::<u8>() < self.faults.one_way {
            let one = ids[self.nemesis.random_range(0..ids.len())];
            let mute = self.nemesis.random_bool(0.5);
            for &other in ids.iter().filter(|&&other| other != one) {
                let (from, to) = if mute { (one, other) } else { (other, one) };
                self.links.set_cut(from, to, true);
            }
        } else {
            let sides: u64 = self.nemesis.random();
            let (left, right) = ids.iter().partition(|id| sides >> id.0 & 1 == 0);
            self.links.partition(&[left, right]);
        }
        for &from in &ids {
            for &to in &ids {
                if self.links.is_cut(from, to) && !before.is_cut(from, to) {
                    self.cluster.record(|| Happened::Cut { from, to });
                }
            }
        }
    }

    pub(super) fn crash_or_restart(&mut self, mix: u64) -> Result<(), Stop> {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let id = ids[self.nemesis.random_range(0..ids.len())];
        if self.cluster.is_up(id) {
            self.crash(id)?;
        } else {
            self.restart(id)?;
        }
        self.later(self.faults.crash_every, Due::Crash { mix });
        Ok(())
    }

    /// If disks can go wrong, a crash may tear what was not synced; it may wait for the next write, and come
    /// inside of it; or the process alone may end.
    pub(super) fn crash(&mut self, id: ServerId) -> Result<(), Stop> {
        let kind = self.faults.disk_every.map_or(0, |_| self.decay.random_range(0..4));
        if kind >= 2 {
            let torn = self.decay.random_range(0..MOST_TORN);
            let trouble = if kind == 2 { Trouble::Crash { torn } } else { Trouble::Kill { torn } };
            self.cluster.trouble(id, trouble);
            return Ok(());
        }
        self.timers[slot(id)] = [Clock::default(); 3];
        if kind == 1 {
            return self.cluster.kill(id);
        }
        let torn = self.faults.disk_every.map_or(0, |_| self.decay.random_range(0..MOST_TORN));
        self.cluster.crash(id, torn)
    }

    pub(super) fn disk_goes_wrong(&mut self, mix: u64) {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let id = ids[self.decay.random_range(0..ids.len())];
        let written = self.decay.random_range(0..MOST_TORN);
        let trouble = match self.decay.random_range(0..4) {
            0 => Trouble::Write { written },
            1 => Trouble::Sync { written },
            2 => Trouble::Full { written: 8 * written },
            _ => Trouble::Read,
        };
        self.cluster.trouble(id, trouble);
        self.later_with_disks(self.faults.disk_every, mix);
    }

    pub(super) fn later_with_disks(&mut self, every: Option<Duration>, mix: u64) {
        let Some(every) = every else { return };
        let wait = self.decay.random_range(Duration::ZERO..every * 2);
        self.agenda.schedule(self.cluster.now + wait, Due::Disk { mix });
    }

    pub(super) fn restart(&mut self, id: ServerId) -> Result<(), Stop> {
        if self.cluster.is_up(id) {
            return Ok(());
        }
        self.cluster.restart(id)?;
        self.tell(id, Event::Start, None)
    }
}
