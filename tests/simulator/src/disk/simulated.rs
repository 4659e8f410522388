//! A disk that loses what was not synced, tears what was being written, and fails as planned.
//!
//! | what happens | what is left of a file |
//! |---|---|
//! | the machine crashes | what was synced, and perhaps a prefix of what was appended since |
//! | the machine crashes inside an append | the same, with any number of the bytes of that append |
//! | the machine crashes inside a replace | the old content or the new |
//! | the process ends, and the machine keeps running | everything that was written; a later crash may still lose it |
//! | a sync fails | what was not durable by then never will be, whatever a later sync says |
//!
//! A disk whose machine or process is down fails every call until the server is started again.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::rc::Rc;

use protocol::Disk;

use super::Trouble;
use super::recorded_write::RecordedWrite;

/// A simulated disk. Clones are the same disk: the server writes to one, and the world keeps another and
/// decides what a crash leaves.
#[derive(Clone, Default)]
pub struct SimulatedDisk {
    state: Rc<RefCell<State>>,
}

#[derive(Clone, Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    /// The planned fault, and how many writes succeed before it.
    trouble: Option<(Trouble, u64)>,
    /// The number of appends and replaces so far.
    writes: u64,
    /// How often what is durable has changed.
    version: u64,
    /// Whether the machine or the process has gone down inside a write.
    down: bool,
    /// Whether a call has failed since the server was started.
    failed: bool,
    /// The latest writes, if they are recorded.
    recorded: Option<Vec<RecordedWrite>>,
}

#[derive(Clone, Debug, Default)]
struct File {
    content: Vec<u8>,
    /// This many bytes of the content survive any crash.
    synced: usize,
    /// Once a sync has failed, only this many bytes can survive, whatever a later sync says. Real systems drop
    /// the pages that they could not write, and report success the next time.
    doomed: Option<usize>,
    /// Whether it was changed behind the server's back.
    damaged: bool,
}

/// The content is left out: it depends on how a server has reached its state, and an exploration identifies states by
/// what the servers print.
impl fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimulatedDisk")
    }
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// A disk that holds these files, durably.
    pub fn with_files(files: BTreeMap<String, Vec<u8>>) -> Self {
        let file = |content: Vec<u8>| File { synced: content.len(), content, ..File::default() };
        let files = files.into_iter().map(|(name, content)| (name, file(content))).collect();
        SimulatedDisk { state: Rc::new(RefCell::new(State { files, ..State::default() })) }
    }

    /// A copy of this disk as it is now.
    #[must_use]
    pub(crate) fn copied(&self) -> Self {
        SimulatedDisk { state: Rc::new(RefCell::new(self.state.borrow().clone())) }
    }

    /// What a server can read from it now.
    pub fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let state = self.state.borrow();
        state.files.iter().map(|(name, file)| (name.clone(), file.content.clone())).collect()
    }

    /// A disk as a crash would leave this one: at most `torn` unsynced bytes of each file survive.
    #[must_use]
    pub fn survivors(&self, torn: usize) -> Self {
        let state = self.state.borrow();
        let left = |file: &File| file.content[..file.surviving(torn)].to_vec();
        Self::with_files(
            state.files.iter().map(|(name, file)| (name.clone(), left(file))).collect(),
        )
    }

    /// How many bytes a crash now would leave, in all files, and how many it would take away.
    pub fn durability(&self) -> (u64, u64) {
        let state = self.state.borrow();
        let all = state.files.values().map(|file| {
            let kept = file.surviving(0) as u64;
            (kept, file.content.len() as u64 - kept)
        });
        all.fold((0, 0), |(kept, lost), (more, most)| (kept + more, lost + most))
    }

    /// The number of appends and replaces so far.
    pub fn writes(&self) -> u64 {
        self.state.borrow().writes
    }

    /// A number that changes whenever what is durable changes.
    pub fn version(&self) -> u64 {
        self.state.borrow().version
    }

    /// Plans a fault, for the next operation that it can hit.
    pub fn trouble(&self, trouble: Trouble) {
        self.trouble_after(trouble, 0);
    }

    /// Plans a fault that hits after this many writes have succeeded.
    pub fn trouble_after(&self, trouble: Trouble, writes: u64) {
        self.state.borrow_mut().trouble = Some((trouble, writes));
    }

    /// Whether the machine or the process has gone down inside a write.
    pub fn is_down(&self) -> bool {
        self.state.borrow().down
    }

    /// Whether a fault is planned.
    pub fn has_trouble(&self) -> bool {
        self.state.borrow().trouble.is_some()
    }

    /// Whether its writes are recorded or a fault is planned: then its server may go down inside an event.
    pub(crate) fn is_watched(&self) -> bool {
        let state = self.state.borrow();
        state.recorded.is_some() || state.trouble.is_some()
    }

    /// Whether it was changed behind the server's back.
    pub fn is_damaged(&self) -> bool {
        self.state.borrow().files.values().any(|file| file.damaged)
    }

    /// Whether a call has failed since the server was started, or the disk is damaged: reasons for the server
    /// to give up.
    pub fn has_failed(&self) -> bool {
        self.state.borrow().failed || self.is_damaged()
    }

    /// The machine crashes: of each file, what was synced survives and at most `torn` bytes more.
    pub fn crash(&self, torn: usize) {
        let mut state = self.state.borrow_mut();
        for file in state.files.values_mut() {
            let keep = file.surviving(torn);
            file.content.truncate(keep);
            file.synced = file.content.len();
            file.doomed = None;
        }
        state.version += 1;
    }

    /// A server is started from it. It works again, except where it is damaged, and a full disk has room.
    pub fn start(&self) {
        let mut state = self.state.borrow_mut();
        state.trouble.take_if(|(trouble, _)| matches!(trouble, Trouble::Full { .. }));
        state.down = false;
        state.failed = false;
    }

    /// Cancels the planned fault.
    pub fn repair(&self) {
        self.state.borrow_mut().trouble = None;
    }

    /// Changes what is on disk behind the server's back.
    pub fn damage(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.borrow_mut();
        state.version += 1;
        let file = state.files.entry(file.to_owned()).or_default();
        change(&mut file.content);
        file.synced = file.content.len();
        file.damaged = true;
    }

    /// Loses every file, even those that were synced.
    pub fn erase(&self) {
        let mut state = self.state.borrow_mut();
        state.version += 1;
        state.files.clear();
    }

    /// Records every write from now on.
    pub(crate) fn record_writes(&self) {
        self.state.borrow_mut().recorded = Some(Vec::new());
    }

    /// The writes since the last call.
    pub(crate) fn take_writes(&self) -> Vec<RecordedWrite> {
        self.state.borrow_mut().recorded.as_mut().map(std::mem::take).unwrap_or_default()
    }
}

impl File {
    /// How many bytes survive a crash that leaves at most `torn` of those that were not synced.
    fn surviving(&self, torn: usize) -> usize {
        let keep = self.doomed.unwrap_or(usize::MAX).min(self.synced.saturating_add(torn));
        keep.min(self.content.len())
    }
}

impl State {
    fn is_up(&self) -> io::Result<()> {
        if self.down { Err(io::Error::other("the machine is down")) } else { Ok(()) }
    }

    /// Begins a write. Returns the fault that hits it.
    fn begin(&mut self, file: &str, bytes: &[u8], replaces: bool) -> Option<Trouble> {
        let number = self.writes;
        self.writes += 1;
        if let Some(recorded) = &mut self.recorded {
            let content = |(name, file): (&String, &File)| (name.clone(), file.content.clone());
            let before = self.files.iter().map(content).collect();
            let (file, bytes) = (file.to_owned(), bytes.to_vec());
            recorded.push(RecordedWrite { number, before, file, bytes, replaces });
        }
        // A full disk still takes appends as long as they fit, so it is due at every one of them: `append`
        // counts the room. A replace has no sync of its own, so a failing sync hits it instead.
        let due = self.trouble.take_if(|(trouble, after)| match trouble {
            Trouble::Full { written } => *after == 0 && (!replaces || bytes.len() > *written),
            Trouble::Write { .. } | Trouble::Crash { .. } | Trouble::Kill { .. } => *after == 0,
            Trouble::Sync { .. } => replaces && *after == 0,
            Trouble::Read => false,
        });
        if let Some((_, after)) = &mut self.trouble {
            *after = after.saturating_sub(1);
        }
        due.map(|(trouble, _)| trouble)
    }

    /// Fails because there is no room. The disk stays full for the next write.
    fn is_full(&mut self, room: usize) -> io::Result<()> {
        self.trouble = Some((Trouble::Full { written: room }, 0));
        self.failed = true;
        Err(io::Error::new(io::ErrorKind::StorageFull, "the disk is full"))
    }

    fn fail(&mut self, why: &str) -> io::Result<()> {
        self.failed = true;
        Err(io::Error::other(format!("the disk failed: {why}")))
    }
}

impl Disk for SimulatedDisk {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        if state
            .trouble
            .take_if(|(trouble, after)| *trouble == Trouble::Read && *after == 0)
            .is_some()
        {
            state.fail("it cannot be read")?;
        }
        Ok(state.files.get(file).map(|file| file.content.clone()).unwrap_or_default())
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let trouble = state.begin(file, bytes, false);
        let written = match trouble {
            None => bytes.len(),
            Some(Trouble::Full { written } | Trouble::Write { written }) => written,
            Some(Trouble::Crash { torn } | Trouble::Kill { torn }) => torn,
            Some(Trouble::Sync { .. } | Trouble::Read) => 0,
        };
        let content = &mut state.files.entry(file.to_owned()).or_default().content;
        content.extend_from_slice(&bytes[..written.min(bytes.len())]);
        match trouble {
            None => Ok(()),
            Some(Trouble::Full { written }) if bytes.len() <= written => {
                state.trouble = Some((Trouble::Full { written: written - bytes.len() }, 0));
                Ok(())
            }
            Some(Trouble::Full { .. }) => state.is_full(0),
            Some(Trouble::Crash { .. }) => {
                state.down = true;
                drop(state);
                self.crash(usize::MAX);
                Err(io::Error::other("the machine crashed"))
            }
            Some(Trouble::Kill { .. }) => {
                state.down = true;
                Err(io::Error::other("the process was ended"))
            }
            Some(Trouble::Write { .. } | Trouble::Sync { .. } | Trouble::Read) => {
                state.fail("it cannot write")
            }
        }
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let is_sync = |(trouble, _): &mut (Trouble, u64)| matches!(trouble, Trouble::Sync { .. });
        let trouble = state.trouble.take_if(is_sync);
        state.version += 1;
        let file = state.files.entry(file.to_owned()).or_default();
        if let Some((Trouble::Sync { written }, _)) = trouble {
            let durable = file.surviving(written);
            file.synced = durable;
            file.doomed.get_or_insert(durable);
            return state.fail("it cannot promise to keep what was written");
        }
        file.synced = file.content.len();
        Ok(())
    }

    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        state.is_up()?;
        let trouble = state.begin(file, bytes, true);
        let down = match trouble {
            Some(Trouble::Write { .. } | Trouble::Sync { .. }) => {
                return state.fail("it cannot write");
            }
            Some(Trouble::Full { written }) => return state.is_full(written),
            Some(Trouble::Crash { torn } | Trouble::Kill { torn }) => {
                state.down = true;
                Some(torn)
            }
            _ => None,
        };
        if down.is_none_or(|torn| torn >= bytes.len()) {
            state.version += 1;
            let new = File { content: bytes.to_vec(), synced: bytes.len(), ..File::default() };
            state.files.insert(file.to_owned(), new);
        }
        match trouble {
            Some(Trouble::Crash { .. }) => {
                drop(state);
                self.crash(0);
                Err(io::Error::other("the machine crashed"))
            }
            Some(Trouble::Kill { .. }) => Err(io::Error::other("the process was ended")),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
