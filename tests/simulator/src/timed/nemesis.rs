//! The faults of a timed run that are not those of single messages: partitions, crashes, and disks that fail.
//!
//! The waits are drawn from zero to twice the average, so that faults also come in quick succession: many
//! mistakes need a second fault before the first is over.

use std::time::Duration;

use protocol::{Event, ServerId};
use rand::RngExt as _;

use super::{AgendaItem, Timed};
use crate::world::World as _;
use crate::{Links, Stop, TraceEvent, Trouble};

/// Fewer bytes of a write than this survive a crash inside it. Records of the reference have 30 to 100 bytes, so some
/// writes are cut off, and some are complete.
const MOST_TORN: usize = 100;

/// How a server goes down.
enum Crash {
    /// The machine crashes now.
    Machine,
    /// The process ends now, and the machine keeps running.
    Process,
    /// The machine crashes inside the server's next write.
    MachineInWrite,
    /// The process ends inside the server's next write.
    ProcessInWrite,
}

impl Timed {
    pub(super) fn later(&mut self, every: Option<Duration>, due: AgendaItem) {
        let Some(every) = every else { return };
        let wait = self.nemesis_rng.random_range(Duration::ZERO..every * 2);
        self.agenda.schedule(self.cluster.now + wait, due);
    }

    /// Draws which links are slow.
    pub(super) fn slow_links_down(&mut self) {
        if self.faults.slow_links == 0 {
            return;
        }
        let slow = self.faults.slow();
        for link in 0..self.link_rngs.len() {
            if self.nemesis_rng.random::<u8>() < self.faults.slow_links {
                self.link_faults[link] = Some(Box::new(slow.clone()));
            }
        }
    }

    /// Heals the network in two cases out of five, and otherwise cuts links, so that one partition often follows
    /// another, with different servers on each side.
    pub(super) fn change_partition(&mut self, epoch: u32) {
        if self.nemesis_rng.random_bool(0.4) {
            self.links.heal();
            self.cluster.record(|| TraceEvent::Healed);
            self.cluster.record_links(&self.links);
        } else {
            self.cut_links();
        }
        self.later(self.faults.partition_every, AgendaItem::Partition { epoch });
    }

    /// Either one server's messages are lost, or those to it: such one-way cuts are what heartbeats and
    /// elections cope with worst. Or the servers are split into two groups, of which one server may reach both.
    fn cut_links(&mut self) {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let before = self.links.clone();
        let kind = self.nemesis_rng.random::<u8>();
        if kind < self.faults.one_way {
            let one = ids[self.nemesis_rng.random_range(0..ids.len())];
            let is_mute = self.nemesis_rng.random_bool(0.5);
            for &other in ids.iter().filter(|&&other| other != one) {
                let (from, to) = if is_mute { (one, other) } else { (other, one) };
                self.links.set_cut(from, to, true);
            }
        } else {
            // One draw for all: bit N of it decides the side of server N.
            let sides: u64 = self.nemesis_rng.random();
            let (left, right) = ids.iter().partition(|id| sides >> id.0 & 1 == 0);
            self.links.partition(&[left, right]);
            if u8::MAX - kind < self.faults.bridge {
                let bridge = ids[self.nemesis_rng.random_range(0..ids.len())];
                for &other in &ids {
                    self.links.set_cut(bridge, other, false);
                    self.links.set_cut(other, bridge, false);
                }
            }
        }
        self.record_cuts(&before);
    }

    /// Adds to the trace the links that are cut now and were open `before`.
    pub(super) fn record_cuts(&mut self, before: &Links) {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        for &from in &ids {
            for &to in &ids {
                if self.links.is_cut(from, to) && !before.is_cut(from, to) {
                    self.cluster.record(|| TraceEvent::Cut { from, to });
                }
            }
        }
        self.cluster.record_links(&self.links);
    }

    pub(super) fn crash_or_restart(&mut self, epoch: u32) -> Result<(), Stop> {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let id = ids[self.nemesis_rng.random_range(0..ids.len())];
        if self.cluster.is_up(id) {
            self.crash(id)?;
        } else {
            self.restart(id)?;
        }
        self.later(self.faults.crash_every, AgendaItem::Crash { epoch });
        Ok(())
    }

    fn crash(&mut self, id: ServerId) -> Result<(), Stop> {
        match self.draw_crash() {
            Crash::Machine => {
                let torn = if self.disks_fail() { self.draw_torn() } else { 0 };
                self.disarm_all(id);
                self.cluster.crash(id, torn)
            }
            Crash::Process => {
                self.disarm_all(id);
                self.cluster.kill(id)
            }
            Crash::MachineInWrite => {
                let torn = self.draw_torn();
                self.cluster.trouble(id, Trouble::Crash { torn });
                Ok(())
            }
            Crash::ProcessInWrite => {
                let torn = self.draw_torn();
                self.cluster.trouble(id, Trouble::Kill { torn });
                Ok(())
            }
        }
    }

    /// Where disks do not fail, machines crash between writes and no write is torn: that is what a module
    /// before persistence can cope with.
    fn draw_crash(&mut self) -> Crash {
        if !self.disks_fail() {
            return Crash::Machine;
        }
        match self.disk_rng.random_range(0..4) {
            0 => Crash::Machine,
            1 => Crash::Process,
            2 => Crash::MachineInWrite,
            _ => Crash::ProcessInWrite,
        }
    }

    fn disks_fail(&self) -> bool {
        self.faults.disk_every.is_some()
    }

    fn draw_torn(&mut self) -> usize {
        self.disk_rng.random_range(0..MOST_TORN)
    }

    /// Plans a fault of some server's disk, for its next operation that the fault can hit.
    pub(super) fn plan_disk_fault(&mut self, epoch: u32) {
        let ids: Vec<ServerId> = self.cluster.servers().iter().copied().collect();
        let id = ids[self.disk_rng.random_range(0..ids.len())];
        let written = self.draw_torn();
        let trouble = match self.disk_rng.random_range(0..4) {
            0 => Trouble::Write { written },
            1 => Trouble::Sync { written },
            // Room for several records: a disk that is full at once is a write that fails.
            2 => Trouble::Full { written: 8 * written },
            _ => Trouble::Read,
        };
        self.cluster.trouble(id, trouble);
        self.later_with_disks(self.faults.disk_every, epoch);
    }

    /// Draws the wait from the disks' own stream, so that faults of disks move no other fault.
    pub(super) fn later_with_disks(&mut self, every: Option<Duration>, epoch: u32) {
        let Some(every) = every else { return };
        let wait = self.disk_rng.random_range(Duration::ZERO..every * 2);
        self.agenda.schedule(self.cluster.now + wait, AgendaItem::Disk { epoch });
    }

    pub(super) fn restart(&mut self, id: ServerId) -> Result<(), Stop> {
        if self.cluster.is_up(id) {
            return Ok(());
        }
        self.cluster.restart(id)?;
        self.tell(id, Event::Start, None)
    }
}
