//! What a script lets go wrong besides messages: links, crashes, disks.

use protocol::{Event, ServerId};

use super::{ScriptError, Scripted};
use crate::invariants::slot;
use crate::{Happened, Trouble};

impl Scripted {
    /// Cuts the links between the groups. Who is in no group is alone.
    pub fn partition(&mut self, groups: &[Vec<ServerId>]) {
        self.links.partition(groups);
        self.record_cuts();
    }

    /// Cuts the way from one server to another; the way back stays as it is.
    pub fn cut(&mut self, from: ServerId, to: ServerId) {
        self.links.set_cut(from, to, true);
        self.record_cuts();
    }

    /// Opens all links.
    pub fn heal(&mut self) {
        self.links.heal();
        self.cluster.record(|| Happened::Healed);
    }

    /// Lets a server crash. Messages under way to it will be lost, and what its disk had not synced.
    ///
    /// # Errors
    /// If it is down already, or has told others something that does not survive.
    pub fn crash(&mut self, id: ServerId) -> Result<(), ScriptError> {
        self.crash_leaving(id, 0)
    }

    /// The same, but `torn` bytes of each file survive that had not been synced.
    ///
    /// # Errors
    /// If it is down already, or has told others something that does not survive.
    pub fn crash_leaving(&mut self, id: ServerId, torn: usize) -> Result<(), ScriptError> {
        self.up(id)?;
        self.armed[slot(id)].clear();
        Ok(self.cluster.crash(id, torn)?)
    }

    /// Ends a server's process; its machine goes on.
    ///
    /// # Errors
    /// If it is down already, or has told others something that would not survive a crash.
    pub fn kill(&mut self, id: ServerId) -> Result<(), ScriptError> {
        self.up(id)?;
        self.armed[slot(id)].clear();
        Ok(self.cluster.kill(id)?)
    }

    /// Lets something go wrong with a server's disk, the next time that it can.
    ///
    /// # Errors
    /// If there is no such server.
    pub fn trouble(&mut self, id: ServerId, trouble: Trouble) -> Result<(), ScriptError> {
        self.known(id)?;
        self.cluster.trouble(id, trouble);
        Ok(())
    }

    /// Flips a bit on the disk of a server that is down, in the middle of its largest file or in the byte
    /// that is named.
    ///
    /// # Errors
    /// If the server is up, or its disk holds no such byte.
    pub fn damage(&mut self, id: ServerId, byte: Option<usize>) -> Result<(), ScriptError> {
        self.known(id)?;
        if self.cluster.is_up(id) {
            let why = format!("{id} is up; damage its disk while it is down");
            return Err(ScriptError::Impossible(why));
        }
        let Some(disk) = self.cluster.disk(id) else { return Ok(()) };
        let largest = disk.files().into_iter().max_by_key(|(_, content)| content.len());
        let (file, length) =
            largest.map(|(file, content)| (file, content.len())).unwrap_or_default();
        let byte = byte.unwrap_or(length / 2);
        if byte >= length {
            let why = format!("the disk of {id} holds {length} bytes, so none with number {byte}");
            return Err(ScriptError::Impossible(why));
        }
        disk.damage(&file, |content| content[byte] ^= 1);
        Ok(())
    }

    /// Starts a server again that is down, upon its disk.
    ///
    /// # Errors
    /// If it is not down, or the run is over.
    pub fn restart(&mut self, id: ServerId) -> Result<(), ScriptError> {
        if self.cluster.is_up(id) {
            return Err(ScriptError::Impossible(format!(
                "{id} is up; only who crashed can restart"
            )));
        }
        self.cluster.restart(id)?;
        self.tell(id, Event::Start, None)
    }

    fn record_cuts(&mut self) {
        for from in self.cluster.servers().clone() {
            for to in self.cluster.servers().clone() {
                if self.links.is_cut(from, to) {
                    self.cluster.record(|| Happened::Cut { from, to });
                }
            }
        }
    }
}
