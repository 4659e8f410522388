//! The faults that a script causes besides those of messages: links, crashes, disks.

use protocol::{Event, ServerId};

use super::Scripted;
use crate::world::World as _;
use crate::{ScriptError, SimulatedDisk, TraceEvent, Trouble};

impl Scripted {
    /// Cuts the links between the groups. A server in several groups reaches all of them, and a server in no
    /// group is alone.
    pub fn partition(&mut self, groups: &[Vec<ServerId>]) {
        self.links.partition(groups);
        self.record_cuts();
    }

    /// Cuts the way from one server to another; the way back stays as it is.
    pub fn cut(&mut self, from: ServerId, to: ServerId) {
        self.links.set_cut(from, to, true);
        self.record_cuts();
    }

    /// Opens the way from one server to another; the way back stays as it is.
    pub fn open(&mut self, from: ServerId, to: ServerId) {
        self.links.set_cut(from, to, false);
        self.cluster.record(|| TraceEvent::Opened { from, to });
        self.cluster.record_links(&self.links);
    }

    /// Opens all links.
    pub fn heal(&mut self) {
        self.links.heal();
        self.cluster.record(|| TraceEvent::Healed);
        self.cluster.record_links(&self.links);
    }

    /// Crashes a server. Messages in flight to it are lost, and so is what its disk had not synced.
    ///
    /// # Errors
    /// If it is down already, or something that it has promised others does not survive.
    pub fn crash(&mut self, id: ServerId) -> Result<(), ScriptError> {
        self.crash_leaving(id, 0)
    }

    /// The same, but up to `torn` unsynced bytes of each file survive.
    ///
    /// # Errors
    /// If it is down already, or something that it has promised others does not survive.
    pub fn crash_leaving(&mut self, id: ServerId, torn: usize) -> Result<(), ScriptError> {
        self.up(id)?;
        self.disarm_all(id);
        Ok(self.cluster.crash(id, torn)?)
    }

    /// Ends a server's process, while its machine keeps running.
    ///
    /// # Errors
    /// If it is down already, or something that it has promised others would not survive a crash.
    pub fn kill(&mut self, id: ServerId) -> Result<(), ScriptError> {
        self.up(id)?;
        self.disarm_all(id);
        Ok(self.cluster.kill(id)?)
    }

    /// Plans a fault of a server's disk, for the next operation that it can hit.
    ///
    /// # Errors
    /// If there is no such server.
    pub fn trouble(&mut self, id: ServerId, trouble: Trouble) -> Result<(), ScriptError> {
        self.known(id)?;
        self.cluster.trouble(id, trouble);
        Ok(())
    }

    /// Flips a bit on the disk of a server that is down: in the byte with this number in its largest file,
    /// or in the middle of that file.
    ///
    /// # Errors
    /// If the server is up, or its disk holds no such byte.
    pub fn damage(&mut self, id: ServerId, byte: Option<usize>) -> Result<(), ScriptError> {
        self.must_be_down(id, "damage its disk")?;
        let Some((disk, file, length)) = self.largest_file(id) else { return Ok(()) };
        let byte = byte.unwrap_or(length / 2);
        if byte >= length {
            let why = format!("the disk of {id} holds {length} bytes, so none with number {byte}");
            return Err(ScriptError::Impossible(why));
        }
        disk.damage(&file, |content| content[byte] ^= 1);
        Ok(())
    }

    /// Removes what was durable from the disk of a server that is down: all of it, or the last bytes of its largest
    /// file. Raft assumes that this does not happen, so it also ends the server's promises.
    ///
    /// # Errors
    /// If the server is up, or its largest file is not that long.
    pub fn wipe(&mut self, id: ServerId, last: Option<usize>) -> Result<(), ScriptError> {
        self.must_be_down(id, "wipe its disk")?;
        if let (Some(last), Some((disk, file, length))) = (last, self.largest_file(id)) {
            let Some(rest) = length.checked_sub(last) else {
                let why = format!(
                    "the largest file of {id} has {length} bytes, which is less than {last}"
                );
                return Err(ScriptError::Impossible(why));
            };
            disk.damage(&file, |content| content.truncate(rest));
        } else if let Some(disk) = self.cluster.disk(id) {
            disk.erase();
        }
        self.cluster.forget_promises(id);
        Ok(())
    }

    fn must_be_down(&self, id: ServerId, what: &str) -> Result<(), ScriptError> {
        self.known(id)?;
        if self.cluster.is_up(id) {
            let why = format!("{id} is up; {what} while it is down");
            return Err(ScriptError::Impossible(why));
        }
        Ok(())
    }

    /// A server's disk, with the name and the length of the largest file on it.
    fn largest_file(&self, id: ServerId) -> Option<(&SimulatedDisk, String, usize)> {
        let disk = self.cluster.disk(id)?;
        let largest = disk.files().into_iter().max_by_key(|(_, content)| content.len());
        let (file, length) =
            largest.map(|(file, content)| (file, content.len())).unwrap_or_default();
        Some((disk, file, length))
    }

    /// Restarts a server that is down, from its disk.
    ///
    /// # Errors
    /// If it is not down, or the run is over.
    pub fn restart(&mut self, id: ServerId) -> Result<(), ScriptError> {
        if self.cluster.is_up(id) {
            let why = format!("{id} is up; only a server that is down can restart");
            return Err(ScriptError::Impossible(why));
        }
        self.cluster.restart(id)?;
        Ok(self.tell(id, Event::Start, None)?)
    }

    fn record_cuts(&mut self) {
        for from in self.cluster.servers().clone() {
            for to in self.cluster.servers().clone() {
                if self.links.is_cut(from, to) {
                    self.cluster.record(|| TraceEvent::Cut { from, to });
                }
            }
        }
        self.cluster.record_links(&self.links);
    }
}
