//! The standard input as a lifeline: a process whose starter has ended, in whatever way, ends too. This works
//! on every system, and for a starter that was killed.

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
