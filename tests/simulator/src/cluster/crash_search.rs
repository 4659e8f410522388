//! Tries every point at which a crash could come.
//!
//! At each point, a second server is started from what such a crash would leave, and must know everything
//! that the first had promised others by then. Most points are alike: once that server has started, the disk
//! holds the same and the server is in the same state. One point of each kind is worth a run of its own,
//! which goes on from there.

use protocol::{ServerId, View};

use super::Cluster;
use super::crash_points::{CrashPoint, CrashPoints};
use super::durable::InterruptedEvent;
use crate::disk::RecordedWrite;
use crate::invariants::slot;
use crate::promises::Promises;
use crate::{SimulatedDisk, Stop};

impl Cluster {
    /// From now on, tries every point at which a crash could come, in the first `most_writes` writes.
    pub fn find_crash_points(&mut self, most_writes: u64) {
        self.crash_points = Some(CrashPoints { most_writes, ..CrashPoints::default() });
        for server in &self.servers {
            server.disk.record_writes();
        }
    }

    /// The crash points found so far, if the run collects them.
    pub fn crash_points(&self) -> Option<&CrashPoints> {
        self.crash_points.as_ref()
    }

    /// Tries the points inside the writes of an event that was just handled.
    pub(super) fn try_crash_points(
        &mut self,
        id: ServerId,
        interrupted: &InterruptedEvent,
    ) -> Result<(), Stop> {
        let Some(mut found) = self.crash_points.take() else { return Ok(()) };
        let promises = self.promises_if(id, interrupted);
        for write in self.servers[slot(id)].disk.take_writes() {
            found.writes += 1;
            if found.writes > found.most_writes {
                continue;
            }
            self.try_write(id, &write, &promises, &mut found)?;
        }
        self.crash_points = Some(found);
        Ok(())
    }

    fn try_write(
        &self,
        id: ServerId,
        write: &RecordedWrite,
        promises: &Promises,
        found: &mut CrashPoints,
    ) -> Result<(), Stop> {
        let mut kinds: Vec<(View, _)> = Vec::new();
        for point in 0..write.points() {
            found.tried += 1;
            let disk = SimulatedDisk::with_files(write.files_after(point));
            let second = self.kept(id, promises, &disk)?;
            let kind = (second.view(), disk.files());
            if !kinds.contains(&kind) {
                kinds.push(kind);
                let torn = write.torn(point);
                found.kinds.push(CrashPoint { server: id, write: write.number, torn });
            }
        }
        Ok(())
    }
}
