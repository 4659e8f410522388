//! Disks that tell what they were asked, and disks that die.

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;

use gates::simulator::SimulatedDisk;

use super::subject::protocol::Disk;

/// A disk that writes down what it is asked to write.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    pub(super) disk: SimulatedDisk,
    asked: Rc<RefCell<Vec<Asked>>>,
}

/// An operation that writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) operation: &'static str,
    pub(super) file: String,
}

impl Recorder {
    /// What was asked since this was called last.
    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.take()
    }

    fn note(&self, operation: &'static str, file: &str) {
        self.asked.borrow_mut().push(Asked { operation, file: file.to_owned() });
    }
}

impl Disk for Recorder {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        self.disk.read(file)
    }
    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.note("append", file);
        self.disk.append(file, bytes)
    }
    fn sync(&mut self, file: &str) -> io::Result<()> {
        self.note("sync", file);
        self.disk.sync(file)
    }
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.note("replace", file);
        self.disk.replace(file, bytes)
    }
}

/// A disk whose power goes after so many operations that write.
#[derive(Clone, Debug)]
pub(super) struct Dying {
    pub(super) disk: SimulatedDisk,
    left: Rc<Cell<u64>>,
}

impl Dying {
    /// Upon this disk; so many operations are done.
    pub(super) fn after(disk: &SimulatedDisk, operations: u64) -> Self {
        Dying { disk: disk.clone(), left: Rc::new(Cell::new(operations)) }
    }

    fn lives(&self) -> io::Result<()> {
        let left = self.left.get().checked_sub(1);
        self.left.set(left.unwrap_or(0));
        left.map(|_| ()).ok_or_else(|| io::Error::other("the power is gone"))
    }
}

impl Disk for Dying {
    fn read(&self, file: &str) -> io::Result<Vec<u8>> {
        self.disk.read(file)
    }
    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.lives().and_then(|()| self.disk.append(file, bytes))
    }
    fn sync(&mut self, file: &str) -> io::Result<()> {
        self.lives().and_then(|()| self.disk.sync(file))
    }
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()> {
        self.lives().and_then(|()| self.disk.replace(file, bytes))
    }
}
