//! What servers send each other: envelopes, and the frames around them.
//!
//! ```text
//!   1 byte    4 bytes        4 bytes                      as many as the length says
//! ┌─────────┬────────┬────────────────────────┬───────────── ─ ─ ─ ──────────────┐
//! │ version │ length │ checksum of all others │  an envelope, as postcard writes │
//! └─────────┴────────┴────────────────────────┴───────────── ─ ─ ─ ──────────────┘
//! ```
//!
//! Numbers in the header are little-endian, the checksum is CRC-32. It finds accidents. It is no signature:
//! any program that can reach the port can send frames.

use std::io::{self, Read};

use protocol::{CallId, Reply, Request, ServerId};
use serde::{Deserialize, Serialize};

/// The version of the format, the first byte of every frame.
pub const VERSION: u8 = 1;

/// The bytes before the envelope.
const HEADER: usize = 9;

/// The longest envelope, in bytes. An AppendEntries RPC may carry [`MAX_ENTRIES`] commands of the largest size.
pub const MAX_ENVELOPE: usize = 40 << 20;

/// At most this many entries travel in one AppendEntries RPC: with values of 1 MiB they must fit in an envelope.
pub const MAX_ENTRIES: usize = 32;

/// A message from one server to another, and what the receiver needs to tell whether it is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The cluster. A server of another cluster may have the same address by mistake.
    pub cluster: u64,
    /// The server that sends it.
    pub from: ServerId,
    /// The server that it is for.
    pub to: ServerId,
    /// The sender's boot number: drawn at random whenever its process starts.
    pub boot: u64,
    /// What it says.
    pub letter: Letter,
}

/// The content of an envelope.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Letter {
    /// The request of a call.
    Request {
        /// The caller's number of the call.
        call: CallId,
        /// What it asks.
        request: Request,
    },
    /// The reply to a call.
    Reply {
        /// The caller's number of the call.
        call: CallId,
        /// The boot number that came with the request. Calls are numbered from 0 in each life of a server, so
        /// the number alone does not tell a reply to this life from a reply to an earlier one.
        caller_boot: u64,
        /// The answer.
        reply: Reply,
    },
}

impl Envelope {
    /// Whether it carries a reply.
    pub fn is_reply(&self) -> bool {
        matches!(self.letter, Letter::Reply { .. })
    }

    /// Roughly how much memory it takes, in bytes.
    pub fn weight(&self) -> usize {
        match &self.letter {
            Letter::Request { request, .. } => weight(request),
            Letter::Reply { .. } => 128,
        }
    }
}

/// Roughly how much memory a request takes, in bytes.
pub fn weight(request: &Request) -> usize {
    use protocol::Payload;
    128 + match request {
        Request::AppendEntries(r) => {
            let entry = |payload: &Payload| match payload {
                Payload::Command(command) => 64 + command.bytes.len(),
                Payload::Members(members) => 64 + 16 * members.len(),
                Payload::NoOp | Payload::Register => 64,
            };
            r.entries.iter().map(|it| entry(&it.payload)).sum()
        }
        Request::InstallSnapshot(r) => r.data.len(),
        Request::RequestVote(_) | Request::PreVote(_) | Request::TimeoutNow(_) => 0,
    }
}

/// A frame with this envelope.
///
/// # Errors
/// If the envelope is longer than [`MAX_ENVELOPE`]: the receiver would not read it.
pub fn frame(envelope: &Envelope) -> io::Result<Vec<u8>> {
    let bytes = postcard::to_extend(envelope, vec![0; HEADER]).map_err(io::Error::other)?;
    seal(bytes)
}

/// Fills in the header that `bytes` have left room for.
fn seal(mut bytes: Vec<u8>) -> io::Result<Vec<u8>> {
    let length = bytes.len() - HEADER;
    if length > MAX_ENVELOPE {
        return Err(invalid(format!(
            "a message of {length} bytes; at most {MAX_ENVELOPE} can be sent"
        )));
    }
    let length = u32::try_from(length).map_err(io::Error::other)?;
    bytes[0] = VERSION;
    bytes[1..5].copy_from_slice(&length.to_le_bytes());
    let checksum = checksum(&bytes[..5], &bytes[HEADER..]);
    bytes[5..HEADER].copy_from_slice(&checksum.to_le_bytes());
    Ok(bytes)
}

fn checksum(head: &[u8], body: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(head);
    hasher.update(body);
    hasher.finalize()
}

/// Reads the next frame, and returns its envelope and the length of that in bytes; `None` at the end of the stream.
///
/// # Errors
/// If the stream fails or ends inside a frame, or if the frame is not what a server has sent. Then nothing that
/// follows on the stream can be read either. Memory is taken as bytes arrive, and never more than the limit:
/// a length alone costs nothing.
pub fn read_frame(stream: &mut impl Read) -> io::Result<Option<(Envelope, usize)>> {
    let mut header = [0; HEADER];
    match stream.read(&mut header[..1])? {
        0 => return Ok(None),
        _ => stream.read_exact(&mut header[1..])?,
    }
    let [version, l0, l1, l2, l3, c0, c1, c2, c3] = header;
    if version != VERSION {
        return Err(invalid(format!(
            "a frame of version {version}, and this server reads version {VERSION}"
        )));
    }
    let length = usize::try_from(u32::from_le_bytes([l0, l1, l2, l3])).unwrap_or(usize::MAX);
    if length > MAX_ENVELOPE {
        return Err(invalid(format!(
            "a frame of {length} bytes; at most {MAX_ENVELOPE} are accepted"
        )));
    }
    let mut body = Vec::new();
    stream.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    if checksum(&header[..5], &body) != u32::from_le_bytes([c0, c1, c2, c3]) {
        return Err(invalid("a frame whose checksum does not match"));
    }
    match postcard::take_from_bytes(&body) {
        Ok((envelope, [])) => Ok(Some((envelope, length))),
        Ok(_) => Err(invalid("a frame with bytes after its message")),
        Err(error) => Err(invalid(format!("a frame whose message cannot be read: {error}"))),
    }
}

fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

#[cfg(test)]
mod tests {
    use protocol::{AppendEntries, AppendEntriesReply, Entry, Index, Term};

    use super::*;

    fn envelopes() -> [Envelope; 2] {
        let of = |letter| Envelope {
            cluster: 7,
            from: ServerId(1),
            to: ServerId(2),
            boot: u64::MAX,
            letter,
        };
        let request = Request::AppendEntries(AppendEntries {
            term: Term(3),
            leader_id: ServerId(1),
            prev_log_index: Index(4),
            prev_log_term: Term(2),
            entries: vec![Entry::command(Term(3), "set x 1")],
            leader_commit: Index(4),
        });
        let reply = AppendEntriesReply { term: Term(3), success: true, conflict: None };
        let call = CallId(17);
        [
            of(Letter::Request { call, request }),
            of(Letter::Reply { call, caller_boot: 9, reply: Reply::AppendEntries(reply) }),
        ]
    }

    #[test]
    fn frames_follow_one_another_on_a_stream() {
        let envelopes = envelopes();
        let stream: Vec<u8> = envelopes.iter().flat_map(|it| frame(it).unwrap()).collect();
        let mut stream = &stream[..];
        for envelope in &envelopes {
            assert_eq!(&read_frame(&mut stream).unwrap().unwrap().0, envelope);
        }
        assert!(read_frame(&mut stream).unwrap().is_none());
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let frame = frame(&envelopes()[0]).unwrap();
        for at in 0..frame.len() {
            let mut changed = frame.clone();
            changed[at] ^= 0x10;
            assert!(read_frame(&mut &changed[..]).is_err(), "byte {at}");
        }
    }

    #[test]
    fn a_frame_that_is_cut_off_is_an_error() {
        let frame = frame(&envelopes()[0]).unwrap();
        for end in 1..frame.len() {
            assert!(read_frame(&mut &frame[..end]).is_err(), "{end} bytes");
        }
    }

    #[test]
    fn a_length_beyond_the_limit_is_rejected_before_anything_is_read() {
        struct Endless(usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 += buffer.len();
                assert!(self.0 < 1 << 20, "it reads on");
                buffer.fill(0xff);
                Ok(buffer.len())
            }
        }
        let header = [VERSION, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        let error = read_frame(&mut (&header[..]).chain(Endless(0))).unwrap_err();
        assert!(error.to_string().contains("at most"), "{error}");
        assert!(seal(vec![0; HEADER + MAX_ENVELOPE + 1]).is_err());
    }
}
