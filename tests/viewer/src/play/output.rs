//! What a gate's process writes: answers, among whatever the learner's code prints.

use std::io::Read;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use simulator::RECORD;

/// A piece of what a gate writes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// An answer, as JSON.
    Answer(Vec<u8>),
    /// What the learner's code has printed.
    Printed(Vec<u8>),
    /// The stream has ended.
    End,
}

/// At most this many pieces wait: a server that prints forever waits for its reader, and does not fill the memory.
const WAITING: usize = 64;

/// Text without a line feed is passed on in pieces of this many bytes.
const LONGEST_TEXT: usize = 8 << 10;

/// Reads the standard output and the standard error of a process.
pub(super) fn read(
    output: impl Read + Send + 'static,
    errors: impl Read + Send + 'static,
) -> Receiver<Piece> {
    let (to, pieces) = sync_channel(WAITING);
    let other = to.clone();
    thread::spawn(move || {
        pass_on(output, &to);
        let _ = to.send(Piece::End);
    });
    thread::spawn(move || pass_on(errors, &other));
    pieces
}

fn pass_on(mut from: impl Read, to: &SyncSender<Piece>) {
    let mut buffer = [0; LONGEST_TEXT];
    let mut splitter = Splitter::default();
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        for piece in splitter.add(&buffer[..length]) {
            if to.send(piece).is_err() {
                return;
            }
        }
    }
    let rest = splitter.rest();
    if !rest.is_empty() {
        let _ = to.send(Piece::Printed(rest));
    }
}

/// Splits a stream into answers and text.
#[derive(Default)]
struct Splitter {
    /// The bytes of the answer that has begun.
    answer: Option<Vec<u8>>,
    text: Vec<u8>,
}

impl Splitter {
    fn add(&mut self, bytes: &[u8]) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for &byte in bytes {
            match (&mut self.answer, byte) {
                (Some(_), b'\n') => pieces.extend(self.answer.take().map(Piece::Answer)),
                (Some(answer), _) => answer.push(byte),
                (None, RECORD) => self.answer = Some(Vec::new()),
                (None, _) => {
                    self.text.push(byte);
                    if self.text.len() >= LONGEST_TEXT {
                        pieces.push(Piece::Printed(self.rest()));
                    }
                }
            }
        }
        // What was printed comes before the answer that follows it.
        if !self.text.is_empty() {
            pieces.insert(0, Piece::Printed(self.rest()));
        }
        pieces
    }

    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_from_what_is_printed() {
        let stream = b"half a line\x1e{\"a\":1}\nmore\n\x1e{}\n".to_vec();
        let pieces = read(std::io::Cursor::new(stream), std::io::empty());
        let all: Vec<Piece> = pieces.iter().collect();
        let answers: Vec<&Piece> =
            all.iter().filter(|piece| matches!(piece, Piece::Answer(_))).collect();
        assert_eq!(
            answers,
            [&Piece::Answer(b"{\"a\":1}".to_vec()), &Piece::Answer(b"{}".to_vec())]
        );
        assert_eq!(all[0], Piece::Printed(b"half a linemore\n".to_vec()));
        assert_eq!(all.last(), Some(&Piece::End));
    }

    #[test]
    fn text_without_an_end_is_passed_on_in_pieces() {
        let pieces = read(std::io::Cursor::new(vec![b'x'; 3 * LONGEST_TEXT]), std::io::empty());
        let longest = pieces.iter().map(|piece| match piece {
            Piece::Printed(text) => text.len(),
            _ => 0,
        });
        assert_eq!(longest.max(), Some(LONGEST_TEXT));
    }
}
