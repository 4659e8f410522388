//! Reads a request of HTTP/1.1 (RFC 9112): as much of it as the page's browser sends.

use std::collections::BTreeMap;
use std::io::Read;

use super::reply::Reply;

/// The longest head of a request, in bytes.
const LONGEST_HEAD: usize = 16 << 10;

/// The longest body, in bytes: the page sends a script as a whole.
const LONGEST_BODY: usize = 1 << 20;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// The path, without what follows a `?`.
    pub(super) path: String,
    /// Its fields, by their names in lower case.
    pub(super) fields: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// Reads a request.
    ///
    /// # Errors
    /// The reply to something that is not a request.
    pub(super) fn read(from: &mut impl Read) -> Result<Self, Reply> {
        let mut bytes = Vec::new();
        let mut buffer = [0; 4 << 10];
        let mut more = |bytes: &mut Vec<u8>| match from.read(&mut buffer) {
            Ok(length @ 1..) => {
                bytes.extend_from_slice(&buffer[..length]);
                Ok(())
            }
            _ => Err(Reply::rejection(400, "the request is cut off")),
        };
        let head = loop {
            if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
                break end;
            }
            if bytes.len() > LONGEST_HEAD {
                return Err(Reply::rejection(431, "the head of the request is too long"));
            }
            more(&mut bytes)?;
        };
        let mut request = Self::of_head(&bytes[..head])?;
        let length = request.length()?;
        while bytes.len() < head + 4 + length {
            more(&mut bytes)?;
        }
        request.body = bytes[head + 4..head + 4 + length].to_vec();
        Ok(request)
    }

    fn of_head(head: &[u8]) -> Result<Self, Reply> {
        let wrong = || Reply::rejection(400, "this is not an HTTP/1.1 request");
        let head = std::str::from_utf8(head).map_err(|_| wrong())?;
        let mut lines = head.split("\r\n");
        let words: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
        let [method, target, "HTTP/1.1"] = words[..] else { return Err(wrong()) };
        let path = target.split(['?', '#']).next().unwrap_or_default().to_owned();
        let mut fields = BTreeMap::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or_else(wrong)?;
            // Servers differ in which of two counts.
            if fields.insert(name.to_lowercase(), value.trim().to_owned()).is_some() {
                return Err(Reply::rejection(400, "a field occurs twice"));
            }
        }
        Ok(Request { method: method.to_owned(), path, fields, body: Vec::new() })
    }

    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(String::as_str)
    }

    fn length(&self) -> Result<usize, Reply> {
        if self.field("transfer-encoding").is_some() {
            return Err(Reply::rejection(501, "a body must have a length"));
        }
        let Some(length) = self.field("content-length") else { return Ok(0) };
        let length =
            length.parse().map_err(|_| Reply::rejection(400, "the length is not a number"))?;
        if length > LONGEST_BODY {
            return Err(Reply::rejection(413, "the body is too long"));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Request, u16> {
        Request::read(&mut text.as_bytes()).map_err(|reply| reply.status)
    }

    #[test]
    fn a_request_has_a_method_a_path_fields_and_a_body() {
        let request = read("POST /t/act?x=1 HTTP/1.1\r\nHost: a:1\r\nContent-Length: 2\r\n\r\n{}");
        let request = request.unwrap();
        assert_eq!((request.method.as_str(), request.path.as_str()), ("POST", "/t/act"));
        assert_eq!((request.field("host"), request.body.as_slice()), (Some("a:1"), &b"{}"[..]));
    }

    #[test]
    fn what_is_not_a_request_is_rejected() {
        assert_eq!(read(""), Err(400));
        assert_eq!(read("GET / HTTP/1.1\r\nHost: a"), Err(400));
        assert_eq!(read("GET /\r\n\r\n"), Err(400));
        assert_eq!(read("GET / HTTP/1.0\r\n\r\n"), Err(400));
        assert_eq!(read("GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n"), Err(400));
        assert_eq!(read("GET / HTTP/1.1\r\nno field\r\n\r\n"), Err(400));
        assert_eq!(read("POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"), Err(400));
        assert_eq!(read("POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n{}"), Err(400));
        assert_eq!(read("POST / HTTP/1.1\r\nContent-Length: 9999999\r\n\r\n"), Err(413));
        assert_eq!(read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"), Err(501));
        assert_eq!(read(&format!("GET /{} HTTP/1.1\r\n\r\n", "x".repeat(30_000))), Err(431));
    }
}
