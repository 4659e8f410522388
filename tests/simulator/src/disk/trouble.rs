//! Faults of a disk.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A fault of a disk, which hits the next operation that it can.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// An append fails halfway, or a replace fails.
    Write {
        /// The number of bytes that are written nevertheless.
        written: usize,
    },
    /// A sync fails halfway, or a replace fails.
    Sync {
        /// The number of bytes that become durable nevertheless.
        written: usize,
    },
    /// A read fails.
    Read,
    /// The disk is full, until the server is started again.
    Full {
        /// The room that is left for appends, and for a file that replaces another, in bytes.
        written: usize,
    },
    /// The machine crashes inside an append or a replace. A replace counts as done if it has no more bytes
    /// than reach the disk.
    Crash {
        /// The number of bytes that reach the disk.
        torn: usize,
    },
    /// The process ends inside an append or a replace, while the machine keeps running.
    Kill {
        /// The number of bytes that are written.
        torn: usize,
    },
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::Write { written } => {
                write!(f, "the next write to its disk will fail after {written} bytes")
            }
            Trouble::Sync { written } => {
                write!(f, "the next sync of its disk will fail after {written} bytes")
            }
            Trouble::Read => write!(f, "the next read from its disk will fail"),
            Trouble::Full { written } => write!(f, "its disk has room for {written} bytes"),
            Trouble::Crash { torn } => {
                write!(f, "it will crash inside the next write to its disk, after {torn} bytes")
            }
            Trouble::Kill { torn } => write!(
                f,
                "its process will end inside the next write to its disk, after {torn} bytes"
            ),
        }
    }
}
