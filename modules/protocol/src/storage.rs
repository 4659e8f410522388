//! What a server builds on: a disk, and the state machine that executes the log's commands.

use std::fmt;
use std::io;

use bytes::Bytes;

use crate::Index;

/// Stable storage, synchronous. Files are named by a word and hold bytes. Module 5.
pub trait Disk: fmt::Debug {
    /// The whole content of `file`; empty if it was never written.
    ///
    /// # Errors
    /// If the disk cannot read.
    fn read(&self, file: &str) -> io::Result<Vec<u8>>;

    /// Adds `bytes` at the end of `file`. They may be lost in a crash until [`Disk::sync`].
    ///
    /// # Errors
    /// If the disk cannot write or is full; part of `bytes` may have been written.
    fn append(&mut self, file: &str, bytes: &[u8]) -> io::Result<()>;

    /// Returns once everything appended to `file` survives a crash.
    ///
    /// # Errors
    /// If that cannot be promised. What was appended since the last success may then be lost, and
    /// another `sync` that succeeds does not bring it back.
    fn sync(&mut self, file: &str) -> io::Result<()>;

    /// Puts `bytes` in place of the content of `file`, at once and durably: after a crash it holds
    /// either the old content or the new.
    ///
    /// # Errors
    /// If the disk cannot write; the old content stays.
    fn replace(&mut self, file: &str, bytes: &[u8]) -> io::Result<()>;
}

/// A disk for servers that keep nothing (until module 5): every file is empty, and every write
/// fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoDisk;

impl NoDisk {
    fn refuse() -> io::Error {
        io::Error::new(io::ErrorKind::Unsupported, "this server was started without a disk")
    }
}

impl Disk for NoDisk {
    fn read(&self, _file: &str) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn append(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Err(Self::refuse())
    }
    fn sync(&mut self, _file: &str) -> io::Result<()> {
        Err(Self::refuse())
    }
    fn replace(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Err(Self::refuse())
    }
}

/// The application that Raft replicates (§2). Every server applies the same commands in the same
/// order, so every copy goes through the same states: it must be deterministic.
pub trait StateMachine: fmt::Debug {
    /// Executes the command of the entry at `index` and returns its result.
    fn apply(&mut self, index: Index, command: &[u8]) -> Bytes;

    /// Answers a question without changing anything.
    fn query(&self, query: &[u8]) -> Bytes;

    /// The whole state, as bytes that [`StateMachine::restore`] understands (§7).
    fn snapshot(&self) -> Bytes;

    /// Replaces the whole state with one from [`StateMachine::snapshot`].
    fn restore(&mut self, snapshot: &[u8]);
}
