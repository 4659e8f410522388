//! A disk that records the operations on another one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io;
use std::rc::Rc;

use protocol::Disk;

/// An operation on a disk. Those that failed have no content, since nobody knows what is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// [`Disk::read`] of a file.
    Read(String),
    /// [`Disk::append`] to a file.
    Append(String, Vec<u8>),
    /// [`Disk::sync`] of a file.
    Sync(String),
    /// [`Disk::replace`] of a file.
    Replace(String, Vec<u8>),
    /// The operation with this name has failed.
    Failed(&'static str),
}

/// A disk around another one, of any kind. Clones share one list of operations: the server has one clone, and
/// the test that reads the list keeps another.
#[derive(Clone, Debug)]
pub struct RecordingDisk {
    disk: Rc<RefCell<Box<dyn Disk>>>,
    operations: Rc<RefCell<Vec<Operation>>>,
}

impl RecordingDisk {
    /// Records the operations on `disk`.
    pub fn of(disk: impl Disk + 'static) -> Self {
        RecordingDisk { disk: Rc::new(RefCell::new(Box::new(disk))), operations: Rc::default() }
    }

    /// All operations so far, in order.
    pub fn operations(&self) -> Vec<Operation> {
        self.operations.borrow().clone()
    }

    /// The operations since the last call, in order.
    pub fn take(&self) -> Vec<Operation> {
        std::mem::take(&mut self.operations.borrow_mut())
    }

    fn note<T>(
        &self,
        result: io::Result<T>,
        name: &'static str,
        operation: impl FnOnce() -> Operation,
    ) -> io::Result<T> {
        let operation = if result.is_ok() { operation() } else { Operation::Failed(name) };
        self.operations.borrow_mut().push(operation);
        result
    }
}

impl Disk for RecordingDisk {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        let result = self.disk.borrow().read(file);
        self.note(result, "read", || Operation::Read(file.to_owned()))
    }

    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let result = self.disk.borrow_mut().append(file, bytes);
        self.note(result, "append", || Operation::Append(file.to_owned(), bytes.to_vec()))
    }

    fn sync(&mut self, file: &str) -> io::Result<()> {
        let result = self.disk.borrow_mut().sync(file);
        self.note(result, "sync", || Operation::Sync(file.to_owned()))
    }

    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        let result = self.disk.borrow_mut().replace(file, bytes);
        self.note(result, "replace", || Operation::Replace(file.to_owned(), bytes.to_vec()))
    }
}

/// The files of a disk after some operations, and how much of each was synced.
#[derive(Clone, Debug, Default)]
struct Replayed {
    content: BTreeMap<String, Vec<u8>>,
    synced: BTreeMap<String, usize>,
}

impl Operation {
    /// Every state in which a crash after these operations may leave the disk: of what was appended to a file
    /// and not synced, any prefix may survive.
    pub fn survivors(operations: &[Operation]) -> Vec<BTreeMap<String, Vec<u8>>> {
        let mut disk = Replayed::default();
        for operation in operations {
            match operation {
                Operation::Append(file, bytes) => {
                    disk.content.entry(file.clone()).or_default().extend(bytes);
                }
                Operation::Sync(file) => {
                    let length = disk.content.get(file).map_or(0, Vec::len);
                    disk.synced.insert(file.clone(), length);
                }
                Operation::Replace(file, bytes) => {
                    disk.content.insert(file.clone(), bytes.clone());
                    disk.synced.insert(file.clone(), bytes.len());
                }
                Operation::Read(_) | Operation::Failed(_) => {}
            }
        }
        let mut states = vec![BTreeMap::new()];
        for (file, content) in &disk.content {
            let synced = disk.synced.get(file).copied().unwrap_or(0);
            let lengths = synced..=content.len();
            states = lengths
                .flat_map(|length| {
                    let with = |mut state: BTreeMap<String, Vec<u8>>| {
                        state.insert(file.clone(), content[..length].to_vec());
                        state
                    };
                    states.iter().cloned().map(with).collect::<Vec<_>>()
                })
                .collect();
        }
        states
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SimulatedDisk, Trouble};

    #[test]
    fn operations_are_recorded_and_done() {
        let inner = SimulatedDisk::new();
        let recording = RecordingDisk::of(inner.clone());
        let mut disk = recording.clone();
        disk.append("log", b"ab").unwrap();
        inner.trouble(Trouble::Sync { written: 0 });
        disk.sync("log").unwrap_err();
        disk.replace("vote", b"S1").unwrap();
        assert_eq!(disk.read("log").unwrap(), b"ab");
        let log = || "log".to_owned();
        let expected = [
            Operation::Append(log(), b"ab".to_vec()),
            Operation::Failed("sync"),
            Operation::Replace("vote".to_owned(), b"S1".to_vec()),
            Operation::Read(log()),
        ];
        assert_eq!(recording.operations(), expected);
        assert_eq!(recording.take(), expected);
        assert!(recording.operations().is_empty());
    }

    #[test]
    fn a_crash_may_take_any_end_of_what_was_not_synced() {
        let log = || "log".to_owned();
        let operations = [
            Operation::Append(log(), b"a".to_vec()),
            Operation::Sync(log()),
            Operation::Append(log(), b"bc".to_vec()),
            Operation::Replace("vote".to_owned(), b"S1".to_vec()),
        ];
        let states = Operation::survivors(&operations);
        let logs: Vec<&[u8]> = states.iter().map(|state| state["log"].as_slice()).collect();
        assert_eq!(logs, [&b"a"[..], b"ab", b"abc"]);
        assert!(states.iter().all(|state| state["vote"] == b"S1"));
    }
}
