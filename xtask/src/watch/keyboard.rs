//! Single keys from a terminal on Unix.
//!
//! The standard input is polled and read directly. A library that waits for keys and for signals together can report
//! the signal of a new terminal size and leave a key that came with it unread until the next one.

use std::io::{self, IsTerminal as _};
use std::os::fd::AsFd as _;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stroke {
    Enter,
    Letter(char),
    /// A letter with the control key.
    Control(char),
    /// The terminal is gone.
    End,
}

/// The keyboard, in raw mode: keys are read as they are pressed, and none of them is a signal.
pub(super) struct Keyboard {
    /// How the terminal was before.
    before: Termios,
    pending: Pending,
}

impl Keyboard {
    /// Puts the terminal into raw mode.
    pub(super) fn open() -> io::Result<Self> {
        if !io::stdin().is_terminal() {
            return Err(io::Error::other("the standard input is not a terminal"));
        }
        let keyboard = Keyboard { before: tcgetattr(io::stdin())?, pending: Pending::default() };
        keyboard.resume()?;
        Ok(keyboard)
    }

    /// Puts the terminal back to how it was before.
    pub(super) fn rest(&self) -> io::Result<()> {
        Ok(tcsetattr(io::stdin(), OptionalActions::Now, &self.before)?)
    }

    /// Puts the terminal into raw mode again.
    pub(super) fn resume(&self) -> io::Result<()> {
        let mut raw = self.before.clone();
        raw.make_raw();
        Ok(tcsetattr(io::stdin(), OptionalActions::Now, &raw)?)
    }

    /// The next key, if one is pressed while this waits.
    pub(super) fn pressed(&mut self, patience: Duration) -> io::Result<Option<Stroke>> {
        if let Some(stroke) = self.pending.next() {
            return Ok(Some(stroke));
        }
        let stdin = io::stdin();
        let mut inputs = [PollFd::new(&stdin, PollFlags::IN)];
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut inputs, Some(&patience)) {
            Ok(0) | Err(rustix::io::Errno::INTR) => return Ok(None),
            Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 256];
        // Not through the standard library's buffer, which hides from the next poll what it has read.
        match rustix::io::read(stdin.as_fd(), &mut bytes) {
            // A terminal whose other side is closed gives an error on some systems.
            Ok(0) | Err(rustix::io::Errno::IO) => Ok(Some(Stroke::End)),
            Ok(count) => {
                self.pending.take(&bytes[..count]);
                Ok(self.pending.next())
            }
            Err(rustix::io::Errno::INTR) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// Keys that were read and not returned.
#[derive(Default)]
struct Pending {
    strokes: std::collections::VecDeque<Stroke>,
    sequence: Sequence,
}

/// Where the reader is in what an arrow key or a function key sends: an escape character, then `[` or `O`, and so on to
/// a letter. That letter is no key of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Sequence {
    #[default]
    Outside,
    Escape,
    Inside,
}

impl Pending {
    fn next(&mut self) -> Option<Stroke> {
        self.strokes.pop_front()
    }

    fn take(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.sequence = match (self.sequence, byte) {
                (_, 0x1b) => Sequence::Escape,
                (Sequence::Inside, 0x40..=0x7e) => Sequence::Outside,
                (Sequence::Escape, b'[' | b'O') | (Sequence::Inside, _) => Sequence::Inside,
                (Sequence::Escape | Sequence::Outside, _) => {
                    self.strokes.extend(stroke(byte));
                    Sequence::Outside
                }
            };
        }
        // The escape key alone sends one byte. A sequence comes in one piece.
        if bytes == [0x1b] {
            self.sequence = Sequence::Outside;
        }
    }
}

/// The key that sends this byte.
fn stroke(byte: u8) -> Option<Stroke> {
    match byte {
        b'\r' | b'\n' => Some(Stroke::Enter),
        1..=26 => Some(Stroke::Control(char::from(byte - 1 + b'a'))),
        _ if byte.is_ascii_graphic() => Some(Stroke::Letter(char::from(byte))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strokes(pieces: &[&[u8]]) -> Vec<Stroke> {
        let mut pending = Pending::default();
        for piece in pieces {
            pending.take(piece);
        }
        std::iter::from_fn(|| pending.next()).collect()
    }

    #[test]
    fn bytes_are_keys() {
        let all = [Stroke::Letter('h'), Stroke::Enter, Stroke::Control('c')];
        assert_eq!(strokes(&[b"h\r\x03"]), all);
        assert_eq!(strokes(&["é".as_bytes()]), []);
    }

    #[test]
    fn an_arrow_key_is_no_letter() {
        assert_eq!(strokes(&[b"\x1b[A\x1bOBq"]), [Stroke::Letter('q')]);
        assert_eq!(strokes(&[b"\x1b[1;5C"]), []);
        // Escape alone does not swallow the next key.
        assert_eq!(strokes(&[b"\x1b", b"O"]), [Stroke::Letter('O')]);
    }
}
