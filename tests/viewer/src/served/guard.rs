//! Which requests are answered.

use std::io;

use super::reply::Reply;
use super::request::Request;

/// The token and the names of this server.
pub(super) struct Guard {
    token: String,
    hosts: [String; 2],
}

impl Guard {
    /// For a server on this port, with a new token.
    ///
    /// # Errors
    /// If the system has no random numbers.
    pub(super) fn new(port: u16) -> io::Result<Self> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
        let token = format!("{:032x}", u128::from_ne_bytes(bytes));
        Ok(Guard { token, hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")] })
    }

    pub(super) fn address(&self) -> String {
        format!("http://{}/{}/", self.hosts[0], self.token)
    }

    /// What follows the token in the path of a request that is answered.
    ///
    /// # Errors
    /// The reply to one that is not.
    pub(super) fn admits<'a>(&self, request: &'a Request) -> Result<&'a str, Reply> {
        let forbidden = |why| Err(Reply::rejection(403, why));
        let is_own = |host: &str| self.hosts.iter().any(|own| own == host);
        if !request.field("host").is_some_and(is_own) {
            return forbidden("the host is not this server");
        }
        let origin = request.field("origin");
        let is_foreign = |origin: &str| !origin.strip_prefix("http://").is_some_and(is_own);
        if origin.is_some_and(is_foreign) || (request.method == "POST" && origin.is_none()) {
            return forbidden("the origin is not this server's page");
        }
        let rest = request.path.strip_prefix('/').and_then(|path| path.split_once('/'));
        let Some((_, rest)) = rest.filter(|(token, _)| is_same(token, &self.token)) else {
            return forbidden("the address lacks the token that `cargo xtask play` has printed");
        };
        let is_json = request.field("content-type").is_some_and(|it| it == "application/json");
        if request.method == "POST" && !is_json {
            return Err(Reply::rejection(415, "a request must be application/json"));
        }
        Ok(rest)
    }
}

/// Compares all bytes, so that the time does not show where they differ.
fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(guard: &Guard, method: &str, path: &str, fields: &[(&str, &str)]) -> u16 {
        let owned = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            fields: fields.iter().map(owned).collect(),
            body: Vec::new(),
        };
        guard.admits(&request).map_or_else(|rejection| rejection.status, |_| 200)
    }

    #[test]
    fn only_this_servers_page_with_its_token_is_answered() {
        let guard = Guard::new(8080).unwrap();
        let path = format!("/{}/", guard.token);
        let host = ("host", "127.0.0.1:8080");
        let own = ("origin", "http://127.0.0.1:8080");
        let json = ("content-type", "application/json");
        assert_eq!(guard.token.len(), 32);
        assert_eq!(status(&guard, "GET", &path, &[host]), 200);
        assert_eq!(status(&guard, "GET", &path, &[("host", "localhost:8080")]), 200);
        assert_eq!(status(&guard, "POST", &path, &[host, own, json]), 200);
        for fields in [
            &[][..],
            &[("host", "evil.example:8080")],
            &[("host", "127.0.0.1:8081")],
            &[host, ("origin", "http://evil.example")],
            &[host, ("origin", "null")],
            &[host, ("origin", "https://127.0.0.1:8080")],
        ] {
            assert_eq!(status(&guard, "GET", &path, fields), 403, "{fields:?}");
        }
        assert_eq!(status(&guard, "POST", &path, &[host, json]), 403);
        assert_eq!(status(&guard, "POST", &path, &[host, own]), 415);
        for path in ["/", "", "/act", "/00000000000000000000000000000000/", "/x/act"] {
            assert_eq!(status(&guard, "GET", path, &[host]), 403, "{path}");
        }
    }
}
