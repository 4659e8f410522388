//! What goes wrong with a disk.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What goes wrong with a disk, the next time that it could.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trouble {
    /// An append fails after so many bytes, or a replace fails.
    Write {
        /// The bytes that are written all the same.
        written: usize,
    },
    /// A sync fails after so many bytes, or a replace fails.
    Sync {
        /// The bytes that are durable all the same.
        written: usize,
    },
    /// A read fails.
    Read,
    /// The disk is full: so many bytes more can be appended, or put in place of a file, until the server
    /// is started again.
    Full {
        /// The room that is left, in bytes.
        written: usize,
    },
    /// The machine crashes inside an append, of which so many bytes get onto the disk, or inside a
    /// replace, which has happened if it has no more bytes than that.
    Crash {
        /// The bytes that get onto the disk.
        torn: usize,
    },
    /// The process ends inside an append, of which so many bytes are written, or inside a replace.
    Kill {
        /// The bytes that are written.
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
