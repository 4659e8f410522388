//! As much of gRPC as a put needs: one request at a time on a connection of HTTP/2 (RFC 9113, without TLS).
//!
//! A library for gRPC would bring some eighty crates and an executor, for one request; and etcd's own gateway for JSON would
//! be measured along with etcd. This sends what such a library sends, and waits for the answer.

use std::io::{self, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::load::Put;

/// The types of frames that matter here.
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;

/// Flags: the last frame of a stream (or an acknowledgement), and the last one with headers.
const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;

/// No frame of an answer to a put is larger.
const MOST: usize = 1 << 20;

/// A connection to a server of etcd.
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
    headers: Vec<u8>,
    /// The number of the next request's stream. A client's are odd.
    next: u32,
}

impl Connection {
    /// Connects to this address, `HOST:PORT`.
    pub(super) fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let headers = headers(address);
        let mut connection = Connection { stream: BufReader::new(stream), headers, next: 1 };
        let mut hello = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
        hello.extend(frame(SETTINGS, 0, 0, &[]));
        // Answers are small, and never wait for room.
        hello.extend(frame(WINDOW_UPDATE, 0, 0, &0x7f00_0000_u32.to_be_bytes()));
        connection.stream.get_mut().write_all(&hello)?;
        Ok(connection)
    }

    fn read_frame(&mut self) -> io::Result<(u8, u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        self.stream.read_exact(&mut head)?;
        let [a, b, c, kind, flags, stream @ ..] = head;
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        if length > MOST {
            return Err(io::Error::other("a frame is too large for an answer"));
        }
        let mut payload = vec![0; length];
        self.stream.read_exact(&mut payload)?;
        Ok((kind, flags, u32::from_be_bytes(stream) & 0x7fff_ffff, payload))
    }
}

impl Put for Connection {
    fn put(&mut self, key: &[u8], value: &[u8]) -> io::Result<()> {
        let stream = self.next;
        self.next += 2;
        let message = [field(1, key), field(2, value)].concat();
        let length = u32::try_from(message.len()).map_err(io::Error::other)?;
        // A message of gRPC: not compressed, its length, itself.
        let data = [&[0][..], &length.to_be_bytes(), &message].concat();
        let mut request = frame(HEADERS, END_HEADERS, stream, &self.headers);
        request.extend(frame(DATA, END_STREAM, stream, &data));
        self.stream.get_mut().write_all(&request)?;
        // A failed request has headers alone.
        let mut has_answer = false;
        loop {
            let (kind, flags, of, payload) = self.read_frame()?;
            match kind {
                SETTINGS if flags & ACK == 0 => {
                    self.stream.get_mut().write_all(&frame(SETTINGS, ACK, 0, &[]))?;
                }
                PING if flags & ACK == 0 => {
                    self.stream.get_mut().write_all(&frame(PING, ACK, 0, &payload))?;
                }
                RST_STREAM | GOAWAY => return Err(io::Error::other("etcd ends the connection")),
                DATA if of == stream => has_answer = true,
                _ => {}
            }
            if of == stream && (kind == HEADERS || kind == DATA) && flags & END_STREAM != 0 {
                return if has_answer {
                    Ok(())
                } else {
                    Err(io::Error::other("etcd rejects a put"))
                };
            }
        }
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend(stream.to_be_bytes());
    frame.extend(payload);
    frame
}

/// The headers of each request, compressed by the static table alone (RFC 7541).
fn headers(address: &str) -> Vec<u8> {
    // `:method POST` and `:scheme http` are entries of the table; of the others, the names are.
    let mut headers = vec![0x83, 0x86];
    let mut text = |start: &[u8], text: &str| {
        headers.extend(start);
        headers.push(u8::try_from(text.len()).unwrap_or(0));
        headers.extend(text.as_bytes());
    };
    text(&[0x04], "/etcdserverpb.KV/Put");
    text(&[0x01], address);
    // `content-type`, number 31: 15 and 16 more.
    text(&[0x0f, 0x10], "application/grpc");
    text(&[0x00, 2, b't', b'e'], "trailers");
    headers
}

/// A field of a message in Protocol Buffers that holds bytes.
fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
    let mut field = vec![number << 3 | 2];
    let mut length = bytes.len();
    while length >= 0x80 {
        field.push(u8::try_from(length & 0x7f).unwrap_or(0) | 0x80);
        length >>= 7;
    }
    field.push(u8::try_from(length).unwrap_or(0));
    field.extend(bytes);
    field
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_as_the_encoding_of_protocol_buffers_says() {
        assert_eq!(field(1, b"ab"), [0x0a, 2, b'a', b'b']);
        assert_eq!(field(2, &[7; 300])[..3], [0x12, 0xac, 0x02]);
    }

    #[test]
    fn a_frame_begins_with_its_length_type_flags_and_stream() {
        assert_eq!(frame(DATA, END_STREAM, 3, b"xy"), [0, 0, 2, 0, 1, 0, 0, 0, 3, b'x', b'y']);
    }
}
