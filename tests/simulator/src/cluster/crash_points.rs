//! The points of a run at which a crash could come: inside each write of each server, before and after each
//! byte.

use protocol::ServerId;

/// The crash points of a run that have been tried.
#[derive(Clone, Debug, Default)]
pub struct CrashPoints {
    /// The number of writes, of all servers together.
    pub writes: u64,
    /// At most this many writes are tried: each of their bytes costs a server of its own.
    pub(super) most_writes: u64,
    /// The number of points that were tried.
    pub tried: u64,
    /// The points that are worth a run of their own: one of each kind.
    pub kinds: Vec<CrashPoint>,
}

/// A crash inside a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CrashPoint {
    /// The server that crashes.
    pub server: ServerId,
    /// The number of the write among those of this server, from 0.
    pub write: u64,
    /// How many bytes of the write reach the disk.
    pub torn: usize,
}
