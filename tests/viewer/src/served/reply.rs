//! Writes the reply to a request.

use std::io::{self, Write};

/// What a browser may do with what this server sends. Each page is for this server alone, and in no frame of another.
const FIELDS: &str = "\
Cache-Control: no-store\r\n\
Connection: close\r\n\
Content-Security-Policy: frame-ancestors 'none'\r\n\
Cross-Origin-Opener-Policy: same-origin\r\n\
Cross-Origin-Resource-Policy: same-origin\r\n\
Referrer-Policy: no-referrer\r\n\
X-Content-Type-Options: nosniff\r\n\
X-Frame-Options: DENY\r\n";

/// A reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    kind: &'static str,
    body: String,
}

impl Reply {
    pub(super) fn page(body: String) -> Self {
        Reply { status: 200, kind: "text/html; charset=utf-8", body }
    }

    pub(super) fn json(body: String) -> Self {
        Reply { status: 200, kind: "application/json", body }
    }

    /// A request that is not answered, and why.
    pub(super) fn rejection(status: u16, why: &str) -> Self {
        Reply { status, kind: "text/plain; charset=utf-8", body: format!("{why}\n") }
    }

    pub(super) fn write(&self, to: &mut impl Write) -> io::Result<()> {
        let Reply { status, kind, body } = self;
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status} {}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{FIELDS}\r\n",
            reason(*status)
        );
        to.write_all(head.as_bytes())?;
        to.write_all(body.as_bytes())?;
        to.flush()
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        431 => "Request Header Fields Too Large",
        501 => "Not Implemented",
        _ => "Bad Request",
    }
}
