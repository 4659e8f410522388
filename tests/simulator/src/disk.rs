//! A disk that loses what was not synced, tears what was being written, and fails when told to.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use protocol::Disk;

/// A kind of disk operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskOperation {
    /// [`Disk::append`].
    Append,
    /// [`Disk::sync`].
    Sync,
    /// [`Disk::replace`].
    Replace,
}

/// A simulated disk. Clones are the same disk: the server writes to one, the world keeps another and
/// decides what a crash leaves.
#[derive(Clone, Debug, Default)]
pub struct SimulatedDisk {
    state: Rc<RefCell<State>>,
}

#[derive(Debug, Default)]
struct State {
    files: BTreeMap<String, File>,
    /// What fails next, and how many bytes of it are written all the same.
    failing: Option<(DiskOperation, usize)>,
    operations: u64,
}

#[derive(Debug, Default)]
struct File {
    content: Vec<u8>,
    /// So many bytes of the content survive any crash.
    synced: usize,
    /// A sync has failed: what was not durable then never will be, whatever a later sync says.
    doomed: Option<usize>,
}

impl SimulatedDisk {
    /// An empty disk.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many operations that write were asked of it.
    pub fn operations(&self) -> u64 {
        self.state.borrow().operations
    }

    /// Lets the next operation of this kind fail, after `written` of its bytes.
    pub fn fail_next(&self, operation: DiskOperation, written: usize) {
        self.state.borrow_mut().failing = Some((operation, written));
    }

    /// What a crash leaves: of each file what was synced, and at most `torn` bytes more.
    pub fn crash(&self, torn: usize) {
        let mut state = self.state.borrow_mut();
        for file in state.files.values_mut() {
            let keep = file.doomed.unwrap_or(usize::MAX).min(file.synced.saturating_add(torn));
            file.content.truncate(keep);
            file.synced = file.content.len();
            file.doomed = None;
        }
        state.failing = None;
    }

    /// Changes what is on disk behind the server's back.
    pub fn damage(&self, file: &str, change: impl FnOnce(&mut Vec<u8>)) {
        let mut state = self.state.borrow_mut();
        let file = state.files.entry(file.to_owned()).or_default();
        change(&mut file.content);
        file.synced = file.content.len();
    }
}

impl State {
    /// Counts an operation; gives how many bytes to write if it is to fail.
    fn begin(&mut self, operation: DiskOperation) -> Option<usize> {
        self.operations += 1;
        self.failing.take_if(|(failing, _)| *failing == operation).map(|(_, written)| written)
    }
}

fn broken() -> io::Error {
    io::Error::other("the simulated disk failed, as it was told to")
}

impl Disk for SimulatedDisk {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        Ok(self.state.borrow().files.get(file).map(|file| file.content.clone()).unwrap_or_default())
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let failed = state.begin(DiskOperation::Append);
        let file = state.files.entry(file.to_owned()).or_default();
        file.content.extend_from_slice(&bytes[..failed.unwrap_or(bytes.len()).min(bytes.len())]);
        if failed.is_some() { Err(broken()) } else { Ok(()) }
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        let failed = state.begin(DiskOperation::Sync);
        let file = state.files.entry(file.to_owned()).or_default();
        if failed.is_some() {
            file.doomed.get_or_insert(file.synced);
            return Err(broken());
        }
        file.synced = file.content.len();
        Ok(())
    }

    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let mut state = self.state.borrow_mut();
        if state.begin(DiskOperation::Replace).is_some() {
            return Err(broken());
        }
        let file = state.files.entry(file.to_owned()).or_default();
        *file = File { content: bytes.to_vec(), synced: bytes.len(), doomed: None };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crash_leaves_what_was_synced_and_a_torn_piece() {
        let mut disk = SimulatedDisk::new();
        disk.append("log", b"kept").unwrap();
        disk.sync("log").unwrap();
        disk.append("log", b"lost").unwrap();
        assert_eq!(disk.read("log").unwrap(), b"keptlost");
        disk.crash(2);
        assert_eq!(disk.read("log").unwrap(), b"keptlo");
        disk.crash(0);
        assert_eq!(disk.read("log").unwrap(), b"keptlo", "what a crash left is on disk");
    }

    #[test]
    fn a_sync_that_failed_is_not_mended_by_one_that_succeeds() {
        let mut disk = SimulatedDisk::new();
        disk.append("log", b"one").unwrap();
        disk.fail_next(DiskOperation::Sync, 0);
        disk.sync("log").unwrap_err();
        disk.sync("log").unwrap();
        disk.crash(usize::MAX);
        assert_eq!(disk.read("log").unwrap(), b"");
    }

    #[test]
    fn a_replace_is_all_or_nothing() {
        let mut disk = SimulatedDisk::new();
        disk.replace("vote", b"S1").unwrap();
        disk.fail_next(DiskOperation::Replace, 1);
        disk.replace("vote", b"S2").unwrap_err();
        disk.crash(0);
        assert_eq!(disk.read("vote").unwrap(), b"S1");
    }

    #[test]
    fn a_failing_append_writes_as_much_as_it_was_told() {
        let mut disk = SimulatedDisk::new();
        disk.fail_next(DiskOperation::Append, 3);
        disk.append("log", b"entry").unwrap_err();
        assert_eq!(disk.read("log").unwrap(), b"ent");
        disk.damage("log", |bytes| bytes[0] = b'?');
        assert_eq!(disk.read("log").unwrap(), b"?nt");
        assert_eq!(disk.operations(), 1);
    }
}
