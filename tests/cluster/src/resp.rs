//! Redis' protocol, version 2 (RESP2), as far as a server needs it: it reads requests and writes replies.
//!
//! A request is an array of strings, or words on a line. The crate `redis-protocol` reads every frame of the
//! protocol, arrays in arrays too, and has no limit for their depth: a megabyte of `*1` overflows its stack, which
//! ends the process. So this module reads requests itself, and nothing else.

use std::io::{self, BufRead, Read as _};

use protocol::Bytes;

use crate::machine::MAX_VALUE;

/// The longest line: the words of a request on a line, or a length.
const MAX_LINE: u64 = 1 << 10;

/// The most words in a request.
const MAX_WORDS: usize = 64;

/// The longest word, in bytes: a value, and something to report that one is too long.
const MAX_WORD: usize = MAX_VALUE + 1;

/// The most bytes of a request.
const MAX_REQUEST: usize = 4 << 20;

/// Reads the next request: its words, which are never none. `None` at the end of the stream.
///
/// # Errors
/// If the stream fails or ends inside a request, or (`InvalidData`) if this is no request or one beyond the limits.
/// Then nothing that follows can be read either. Memory is allocated for bytes that have arrived, not for a length that announces them.
pub fn read_request(stream: &mut impl BufRead) -> io::Result<Option<Vec<Bytes>>> {
    loop {
        let Some(line) = read_line(stream)? else { return Ok(None) };
        let words = match line.strip_prefix(b"*") {
            Some(count) => read_words(stream, number(count)?)?,
            None => words_of(&line),
        };
        if !words.is_empty() {
            return Ok(Some(words));
        }
    }
}

fn read_words(stream: &mut impl BufRead, count: i64) -> io::Result<Vec<Bytes>> {
    // An empty array, or none.
    let Ok(count) = usize::try_from(count) else { return Ok(Vec::new()) };
    if count > MAX_WORDS {
        return Err(invalid(format!("{count} words in a request; at most {MAX_WORDS} are read")));
    }
    let mut words = Vec::new();
    let mut bytes = 0;
    for _ in 0..count {
        let line = read_line(stream)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let length =
            line.strip_prefix(b"$").ok_or_else(|| invalid("a word must begin with `$`"))?;
        let length =
            usize::try_from(number(length)?).map_err(|_| invalid("a word must have a length"))?;
        bytes += length;
        if length > MAX_WORD || bytes > MAX_REQUEST {
            return Err(invalid(format!("a word of {length} bytes is too long")));
        }
        let mut word = Vec::new();
        stream.take(length as u64 + 2).read_to_end(&mut word)?;
        if word.len() < length + 2 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if word.split_off(length) != b"\r\n" {
            return Err(invalid("a word is longer than its length"));
        }
        words.push(word.into());
    }
    Ok(words)
}

/// A line without its end; `None` at the end of the stream.
fn read_line(stream: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream.take(MAX_LINE).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Ok(None);
    }
    if line.pop() != Some(b'\n') {
        let cut_off = line.len() as u64 + 1 >= MAX_LINE;
        return Err(if cut_off {
            invalid("the line is too long")
        } else {
            io::ErrorKind::UnexpectedEof.into()
        });
    }
    line.pop_if(|last| *last == b'\r');
    Ok(Some(line))
}

/// The words of a request on a line.
fn words_of(line: &[u8]) -> Vec<Bytes> {
    let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    words.map(Bytes::copy_from_slice).collect()
}

fn number(text: &[u8]) -> io::Result<i64> {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.ok_or_else(|| invalid("a length must be a number"))
}

fn invalid(what: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what.into())
}

/// A short text.
pub fn simple(text: &str) -> Bytes {
    format!("+{text}\r\n").into()
}

/// An error. Its first word is the kind, which client libraries look at.
pub fn error(text: &str) -> Bytes {
    // The end of the line is the end of the reply.
    format!("-{}\r\n", text.replace(['\r', '\n'], " ")).into()
}

/// A number.
pub fn integer(number: u64) -> Bytes {
    format!(":{number}\r\n").into()
}

/// A number that may be negative.
pub fn signed(number: i64) -> Bytes {
    format!(":{number}\r\n").into()
}

/// Bytes, or their absence.
pub fn bulk(bytes: Option<&[u8]>) -> Bytes {
    let Some(bytes) = bytes else { return Bytes::from_static(b"$-1\r\n") };
    [format!("${}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat().into()
}

/// An empty list.
pub fn nothing() -> Bytes {
    Bytes::from_static(b"*0\r\n")
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    fn read(bytes: &[u8]) -> io::Result<Vec<Vec<Bytes>>> {
        // Few bytes at a time, as they may come from a network.
        let mut stream = BufReader::with_capacity(3, bytes);
        let mut requests = Vec::new();
        while let Some(request) = read_request(&mut stream)? {
            requests.push(request);
        }
        Ok(requests)
    }

    fn reason(bytes: &[u8]) -> String {
        read(bytes).unwrap_err().to_string()
    }

    #[test]
    fn requests_follow_one_another() {
        let requests =
            b"*2\r\n$3\r\nGET\r\n$3\r\n\0\r\n\r\n*0\r\n\r\nPING  hello \r\n*-1\r\n*1\r\n$0\r\n\r\n";
        let words = read(requests).unwrap();
        assert_eq!(words, [vec!["GET", "\0\r\n"], vec!["PING", "hello"], vec![""]]);
    }

    #[test]
    fn a_value_of_the_largest_size_is_read() {
        let value = vec![b'v'; MAX_VALUE];
        let head = format!("*3\r\n$3\r\nSET\r\n$1\r\nx\r\n${MAX_VALUE}\r\n");
        let request = [head.as_bytes(), &value, b"\r\n"].concat();
        assert_eq!(read(&request).unwrap()[0][2].len(), MAX_VALUE);
    }

    #[test]
    fn what_is_announced_beyond_the_limits_is_rejected_at_once() {
        assert!(reason(b"*1000000000\r\n").contains("1000000000 words"));
        assert!(reason(b"*1\r\n$9223372036854775807\r\n").contains("too long"));
        assert!(reason(b"*1\r\n$2000000\r\n").contains("too long"));
        assert!(reason(&vec![b'x'; 10_000]).contains("line is too long"));
        let value = vec![0; MAX_VALUE];
        let many = b"$1048576\r\n".iter().chain(&value).chain(b"\r\n").copied();
        let many: Vec<u8> =
            b"*5\r\n".iter().copied().chain(many.collect::<Vec<_>>().repeat(5)).collect();
        assert!(reason(&many).contains("too long"));
    }

    #[test]
    fn what_is_no_request_is_rejected() {
        for (bytes, why) in [
            (&b"*x\r\n"[..], "must be a number"),
            (b"*1\r\n*1\r\n", "must begin with `$`"),
            (b"*1\r\n$-1\r\n", "must have a length"),
            (b"*1\r\n$1\r\nab\r\n", "longer than its length"),
        ] {
            assert!(reason(bytes).contains(why), "{bytes:?}: {}", reason(bytes));
        }
        for end in [1, 3, 5, 9, 11] {
            let error = read(&b"*1\r\n$4\r\nPING\r\n"[..end]).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "{end} bytes");
        }
    }

    #[test]
    fn an_error_stays_on_its_line() {
        assert_eq!(error("ERR a\r\nb"), "-ERR a  b\r\n");
        assert_eq!(bulk(Some(b"a\r\n")), "$3\r\na\r\n\r\n");
    }
}
