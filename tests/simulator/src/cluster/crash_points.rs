//! Every point at which a crash could come: inside each write of each server, before and after each byte.
//!
//! At each of them a second server is started upon what such a crash would leave, and must know all that
//! the first had told others by then. Most points are alike: the same is left on the disk once that server
//! has started, and it is in the same state. One point of each kind is worth a run of its own, which goes on
//! from there.

use protocol::{ServerId, View};

use super::durable::Interrupted;
use super::{Cluster, Stop};
use crate::disk::Step;
use crate::invariants::slot;
use crate::promises::Promises;

/// What was found about crashes inside of the writes of a run.
#[derive(Clone, Debug, Default)]
pub struct CrashPoints {
    /// There were so many writes of all servers.
    pub writes: u64,
    /// The first so many of them were tried.
    most_writes: u64,
    /// So many points were tried.
    pub tried: u64,
    /// Those that are worth a run of their own: one of each kind.
    pub kinds: Vec<CrashPoint>,
}

/// A crash inside a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrashPoint {
    /// The server.
    pub server: ServerId,
    /// Which of its writes, from 0.
    pub write: u64,
    /// How many bytes of it get onto the disk.
    pub torn: usize,
}

impl Cluster {
    /// From now on, every point is tried at which a crash could come, in the first so many writes.
    pub fn find_crash_points(&mut self, most_writes: u64) {
        self.crash_points = Some(CrashPoints { most_writes, ..CrashPoints::default() });
        for server in &self.servers {
            server.disk.tell_steps();
        }
    }

    /// What was found about them.
    pub fn crash_points(&self) -> Option<&CrashPoints> {
        self.crash_points.as_ref()
    }

    /// Tries the points inside of the writes of an event that has just been handled.
    pub(super) fn try_crash_points(
        &mut self,
        id: ServerId,
        interrupted: &Interrupted,
    ) -> Result<(), Stop> {
        let Some(mut found) = self.crash_points.take() else { return Ok(()) };
        let promises = self.promises_if(id, interrupted);
        for step in self.servers[slot(id)].disk.take_steps() {
            found.writes += 1;
            if found.writes > found.most_writes {
                continue;
            }
            self.try_step(id, &step, &promises, &mut found)?;
        }
        self.crash_points = Some(found);
        Ok(())
    }

    fn try_step(
        &self,
        id: ServerId,
        step: &Step,
        promises: &Promises,
        found: &mut CrashPoints,
    ) -> Result<(), Stop> {
        let mut kinds: Vec<(View, _)> = Vec::new();
        for point in 0..step.points() {
            found.tried += 1;
            let disk = step.survivors(point);
            let second = self.kept(id, promises, &disk)?;
            let kind = (second.view(), disk.files());
            if !kinds.contains(&kind) {
                kinds.push(kind);
                let torn = step.torn(point);
                found.kinds.push(CrashPoint { server: id, write: step.number, torn });
            }
        }
        Ok(())
    }
}
