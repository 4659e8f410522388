//! What the process of a check writes: its records, and the output of the subject's code.

use std::io::{self, Read};
use std::mem;
use std::sync::mpsc;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::assignment::Nonce;
use crate::check_record::{CheckEnd, MARK, Record};

/// How many bytes of what the subject's code prints are kept: this many from the beginning, and as many from the
/// end.
const KEPT: usize = 4 << 10;

/// How long a record may be, in bytes. A check reports values of the subject, which may be large.
const LONGEST_RECORD: usize = 64 << 20;

/// Receives what is read from a stream, piece by piece.
pub(crate) trait Sink: Send + 'static {
    /// Receives the next piece.
    fn add(&mut self, bytes: &[u8]);
}

/// A stream that a thread of its own reads to its end, however much there is: a process blocks once the pipe for
/// its output is full.
pub(crate) struct Reading<T> {
    /// `None` once no more is wanted.
    sink: Arc<Mutex<Option<T>>>,
}

impl<T: Sink> Reading<T> {
    /// Reads `from` into `sink`, and sends a message when the stream has ended.
    pub(crate) fn start(
        mut from: impl Read + Send + 'static,
        sink: T,
        ended: mpsc::Sender<()>,
    ) -> Self {
        let sink = Arc::new(Mutex::new(Some(sink)));
        let shared = Arc::clone(&sink);
        thread::spawn(move || {
            let mut buffer = [0; 8 << 10];
            loop {
                let length = match from.read(&mut buffer) {
                    Ok(length @ 1..) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    _ => break,
                };
                let mut sink = shared.lock().unwrap_or_else(PoisonError::into_inner);
                let Some(sink) = sink.as_mut() else { return };
                sink.add(&buffer[..length]);
            }
            let _ = ended.send(());
        });
        Reading { sink }
    }

    /// What has been read so far. The thread is not joined: a process that the subject's code has started may keep
    /// the stream open. It ends with the stream, or with the next piece that arrives.
    pub(crate) fn take(self) -> Option<T> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// What a child has written to its standard output.
pub(crate) struct ChildOutput {
    nonce: Nonce,
    state: State,
    /// The step that was reported last.
    pub(crate) step: String,
    /// How the check ended, if it did.
    pub(crate) over: Option<CheckEnd>,
    /// The output of the subject's code.
    pub(crate) printed: Excerpt,
}

/// Where in the output the next byte is.
enum State {
    /// In what the subject's code prints.
    Text,
    /// After a mark and this many bytes of the nonce.
    Nonce(usize),
    /// In a record, of which these are the bytes so far.
    Record(Vec<u8>),
}

impl ChildOutput {
    /// Empty so far. Records carry this nonce.
    pub(crate) fn new(nonce: Nonce) -> Self {
        ChildOutput {
            nonce,
            state: State::Text,
            step: String::new(),
            over: None,
            printed: Excerpt::default(),
        }
    }

    /// Takes the text up to the next mark. Returns what follows the mark.
    fn text<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let Some(at) = bytes.iter().position(|&byte| byte == MARK) else {
            self.printed.add(bytes);
            return &[];
        };
        self.printed.add(&bytes[..at]);
        self.state = State::Nonce(0);
        &bytes[at + 1..]
    }

    /// Compares with the nonce, of which `seen` bytes have come. If they differ, the subject's code has printed the
    /// mark.
    fn nonce<'a>(&mut self, seen: usize, bytes: &'a [u8]) -> &'a [u8] {
        let rest = &self.nonce.as_bytes()[seen..];
        let same = rest.iter().zip(bytes).take_while(|(expected, byte)| expected == byte).count();
        self.state = if same == rest.len() {
            State::Record(Vec::new())
        } else if same == bytes.len() {
            State::Nonce(seen + same)
        } else {
            self.printed.add(&self.nonce.as_bytes()[..seen + same]);
            State::Text
        };
        &bytes[same..]
    }

    /// Takes the record up to its end. Returns what follows.
    fn record<'a>(&mut self, mut begun: Vec<u8>, bytes: &'a [u8]) -> &'a [u8] {
        let end = bytes.iter().position(|&byte| byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        if begun.len() + part.len() > LONGEST_RECORD {
            self.printed.add(&begun);
            return bytes;
        }
        begun.extend_from_slice(part);
        let Some(end) = end else {
            self.state = State::Record(begun);
            return &[];
        };
        match serde_json::from_slice(&begun) {
            Ok(Record::Step(step)) => self.step = step,
            Ok(Record::Over(over)) => self.over = Some(*over),
            Err(_) => self.printed.add(&begun),
        }
        &bytes[end + 1..]
    }
}

impl Sink for ChildOutput {
    fn add(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match mem::replace(&mut self.state, State::Text) {
                State::Text => self.text(bytes),
                State::Nonce(seen) => self.nonce(seen, bytes),
                State::Record(begun) => self.record(begun, bytes),
            };
        }
    }
}

/// The beginning and the end of a text that may be very long.
#[derive(Default)]
pub(crate) struct Excerpt {
    head: Vec<u8>,
    tail: Vec<u8>,
    dropped: bool,
}

impl Excerpt {
    /// The text, with a mark where some was left out.
    pub(crate) fn text(&self) -> String {
        let between = if self.dropped { "\n… (much more) …\n" } else { "" };
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        if self.dropped {
            return text(&self.head) + between + &text(&self.tail);
        }
        text(&[self.head.as_slice(), &self.tail].concat())
    }
}

impl Sink for Excerpt {
    fn add(&mut self, bytes: &[u8]) {
        let room = KEPT.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..room]);
        self.tail.extend_from_slice(&bytes[room..]);
        if self.tail.len() > 2 * KEPT {
            self.tail.drain(..self.tail.len() - KEPT);
            self.dropped = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Write as _, pipe};
    use std::time::Duration;

    use super::*;

    #[test]
    fn records_are_distinguished_from_what_the_subject_prints() {
        let nonce = Nonce::fresh().unwrap();
        let digits = String::from_utf8(nonce.as_bytes().to_vec()).unwrap();
        let step = format!("\u{1e}{digits}{{\"Step\":\"first\"}}\n");
        let over = format!(
            "\u{1e}{digits}{{\"Over\":{{\"failure\":null,\"show\":\"shown\",\"files\":[]}}}}\n"
        );
        let forged = "\u{1e}{\"Over\":{\"failure\":null,\"show\":\"forged\",\"files\":[]}}\n";
        let half = format!("\u{1e}{}\n", &digits[..9]);
        let stream = format!("no line feed{step}a line\n\u{1e}not ours\n{forged}{half}{over}");
        // It does not matter how the bytes are cut into pieces.
        for size in [1, 7, stream.len()] {
            let mut heard = ChildOutput::new(nonce.clone());
            stream.as_bytes().chunks(size).for_each(|bytes| heard.add(bytes));
            assert_eq!(heard.step, "first");
            assert_eq!(heard.over.unwrap().show.as_deref(), Some("shown"));
            let printed = heard.printed.text();
            assert_eq!(
                printed,
                format!("no line feeda line\nnot ours\n{}{}", &forged[1..], &half[1..])
            );
        }
    }

    #[test]
    fn a_record_of_another_process_is_no_record() {
        let mut heard = ChildOutput::new(Nonce::fresh().unwrap());
        let other = Nonce::fresh().unwrap();
        heard.add(&[MARK]);
        heard.add(other.as_bytes());
        heard.add(b"{\"Step\":\"forged\"}\n");
        assert_eq!(heard.step, "");
        assert!(heard.printed.text().contains("forged"));
    }

    #[test]
    fn a_record_that_never_ends_takes_bounded_memory() {
        let nonce = Nonce::fresh().unwrap();
        let mut heard = ChildOutput::new(nonce.clone());
        heard.add(&[MARK]);
        let mut piece = vec![b'x'; 1 << 20];
        piece[0] = MARK;
        for _ in 0..8 {
            heard.add(&piece);
            assert!(matches!(heard.state, State::Text), "a mark without the nonce is text");
        }
        heard.add(&[MARK]);
        heard.add(nonce.as_bytes());
        piece[0] = b'x';
        for _ in 0..3 * LONGEST_RECORD / piece.len() {
            heard.add(&piece);
            if let State::Record(begun) = &heard.state {
                assert!(begun.len() <= LONGEST_RECORD);
            }
        }
        assert!(heard.printed.text().len() < 4 * KEPT);
    }

    #[test]
    fn the_beginning_and_the_end_of_an_endless_text_are_kept() {
        let mut kept = Excerpt::default();
        kept.add(b"first ");
        for _ in 0..100_000 {
            kept.add(b"and so on ");
        }
        kept.add(b"last");
        let text = kept.text();
        assert!(text.len() < 4 * KEPT);
        assert!(text.starts_with("first ") && text.ends_with("last") && text.contains("much more"));
    }

    #[test]
    fn a_stream_that_stays_open_can_be_taken() {
        let (reader, mut writer) = pipe().unwrap();
        let (ended, waiting) = mpsc::channel();
        let reading = Reading::start(reader, Excerpt::default(), ended);
        writer.write_all(b"before the end").unwrap();
        let is_read = || {
            let sink = reading.sink.lock().unwrap();
            sink.as_ref().unwrap().text() == "before the end"
        };
        while !is_read() {
            thread::sleep(Duration::from_millis(1));
        }
        assert!(waiting.try_recv().is_err(), "the writer is still there");
        assert_eq!(reading.take().unwrap().text(), "before the end");
        // The thread gives up its end of the pipe when more arrives.
        while writer.write_all(b"too late").is_ok() {
            thread::sleep(Duration::from_millis(1));
        }
    }
}
