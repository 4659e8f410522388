//! The standard input as a lifeline: a process ends when the process that has started it ends, in whatever way. This
//! works on every system, even if the other process was killed.

use std::io::{self, Read as _};
use std::thread;

/// Calls `end` once the other end of the standard input is closed.
pub(crate) fn watch(end: fn()) {
    thread::spawn(move || {
        let mut input = io::stdin().lock();
        let mut buffer = [0; 64];
        loop {
            match input.read(&mut buffer) {
                Ok(1..) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                _ => end(),
            }
        }
    });
}
