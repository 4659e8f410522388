//! What survives a crash (Figure 2, "persistent state on all servers").
//!
//! A file holds the whole state, which is replaced whenever it has changed. So a crash leaves the old state or the
//! new one: nothing is torn, and no order of writes has to be thought about.

use std::io;
use std::ops::{Deref, DerefMut};

use protocol::{Disk, ServerId, Term};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::log::Log;
use crate::snapshot::Snapshot;

/// The file with the whole state.
const STATE: &str = "state";

/// The file with term and vote alone, for servers that have this habit.
const BALLOT: &str = "ballot";

/// Figure 2's currentTerm and votedFor. A vote belongs to its term, so they change together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ballot {
    /// The latest term that the server has seen.
    pub term: Term,
    /// The candidate that received its vote in that term.
    pub vote: Option<ServerId>,
}

impl Ballot {
    /// In a term, a server has voted for nobody first, and then perhaps for one candidate.
    fn is_newer_than(self, other: Ballot) -> bool {
        self.term > other.term || (self.term == other.term && other.vote.is_none())
    }
}

/// A value that knows whether it may have changed since it was saved. Whoever borrows it mutably has changed
/// it, so no change can be forgotten.
#[derive(Debug, Default)]
pub struct Tracked<T> {
    value: T,
    changed: bool,
}

impl<T: Clone> Tracked<T> {
    /// The same value, and whether it may have changed. (`clone` is that of the value.)
    fn copied(&self) -> Self {
        Tracked { value: self.value.clone(), changed: self.changed }
    }
}

impl<T> Deref for Tracked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Tracked<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.changed = true;
        &mut self.value
    }
}

/// The persistent state, and the disk that it is saved on.
#[derive(Debug)]
pub struct Storage {
    /// Term and vote.
    pub ballot: Tracked<Ballot>,
    /// The log.
    pub log: Tracked<Log>,
    /// The latest snapshot.
    pub snapshot: Tracked<Snapshot>,
    disk: Box<dyn Disk>,
    has_ballot_file: bool,
    /// Why the disk failed. After that nobody knows what it holds, so this server does nothing any more.
    failure: Option<String>,
}

impl Storage {
    /// A new server's state.
    pub fn new(disk: Box<dyn Disk>, has_ballot_file: bool) -> Self {
        Storage {
            ballot: Tracked::default(),
            log: Tracked::default(),
            snapshot: Tracked::default(),
            disk,
            has_ballot_file,
            failure: None,
        }
    }

    /// The same state, on a disk that holds the same.
    #[must_use]
    pub fn on(&self, disk: Box<dyn Disk>) -> Self {
        Storage {
            ballot: self.ballot.copied(),
            log: self.log.copied(),
            snapshot: self.snapshot.copied(),
            disk,
            has_ballot_file: self.has_ballot_file,
            failure: self.failure.clone(),
        }
    }

    /// Takes up what the disk has kept. A disk that is empty changes nothing.
    ///
    /// # Errors
    /// If the disk cannot be read or is damaged.
    pub fn load(&mut self) -> io::Result<()> {
        self.guarded(|storage| {
            if let Some((ballot, log, snapshot)) = read(storage.disk.as_ref(), STATE)? {
                (storage.ballot.value, storage.log.value, storage.snapshot.value) =
                    (ballot, log, snapshot);
            }
            // Term and vote are in both files.
            if let Some(ballot) = read::<Ballot>(storage.disk.as_ref(), BALLOT)?
                && ballot.is_newer_than(*storage.ballot)
            {
                storage.ballot.value = ballot;
            }
            Ok(())
        })
    }

    /// Saves what has changed. Before it has returned, no other server may learn of the change (§5, Figure 2).
    ///
    /// # Errors
    /// If the disk cannot promise to keep it, now or at any time before.
    pub fn save(&mut self) -> io::Result<()> {
        self.guarded(|storage| {
            let Storage { ballot, log, snapshot, disk, .. } = storage;
            if log.changed || snapshot.changed || (ballot.changed && !storage.has_ballot_file) {
                write(disk.as_mut(), STATE, &(&ballot.value, &log.value, &snapshot.value))?;
            } else if ballot.changed {
                write(disk.as_mut(), BALLOT, &ballot.value)?;
            }
            (ballot.changed, log.changed, snapshot.changed) = (false, false, false);
            Ok(())
        })
    }

    /// The first error of the disk is final.
    fn guarded(&mut self, access: fn(&mut Self) -> io::Result<()>) -> io::Result<()> {
        if let Some(failure) = &self.failure {
            return Err(io::Error::other(format!("the disk has failed before: {failure}")));
        }
        access(self).inspect_err(|error| self.failure = Some(error.to_string()))
    }
}

/// Replaces a file by this value and its checksum.
fn write(disk: &mut dyn Disk, file: &str, value: &impl Serialize) -> io::Result<()> {
    let bytes = postcard::to_stdvec(value).expect("plain data can be written");
    disk.replace(file, &[&crc32fast::hash(&bytes).to_le_bytes(), bytes.as_slice()].concat())
}

/// The value in a file; `None` if the file was never written.
fn read<T: DeserializeOwned>(disk: &dyn Disk, file: &str) -> io::Result<Option<T>> {
    let damaged =
        || io::Error::new(io::ErrorKind::InvalidData, format!("the file {file} is damaged"));
    let content = disk.read(file)?;
    if content.is_empty() {
        return Ok(None);
    }
    let (checksum, bytes) = content.split_first_chunk().ok_or_else(damaged)?;
    if crc32fast::hash(bytes).to_le_bytes() != *checksum {
        return Err(damaged());
    }
    postcard::from_bytes(bytes).map(Some).map_err(|_| damaged())
}
