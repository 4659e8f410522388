//! Requests that the page's server does not answer. No browser is needed for these.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::served;
use super::specimen::Specimen;

/// Sends a request as it is, and returns the reply.
fn sent(address: &str, request: &str) -> String {
    let host = address.trim_start_matches("http://").split('/').next().unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut reply = String::new();
    let _ = stream.read_to_string(&mut reply);
    reply
}

fn status(reply: &str) -> u16 {
    reply.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0)
}

#[test]
fn only_the_page_itself_is_answered() {
    let specimen = Specimen::new();
    let address = served(&specimen, "cluster 3\n");
    let (host, path) = address.trim_start_matches("http://").split_once('/').unwrap();
    let path = format!("/{path}");
    let get =
        |path: &str, fields: &str| sent(&address, &format!("GET {path} HTTP/1.1\r\n{fields}\r\n"));
    let own_host = format!("Host: {host}\r\n");
    let page = get(&path, &own_host);
    assert_eq!(status(&page), 200, "{page}");
    for words in [
        "Content-Security-Policy: frame-ancestors 'none'",
        "connect-src 'self'",
        "Cache-Control: no-store",
    ] {
        assert!(page.contains(words), "no `{words}`");
    }
    assert_eq!(status(&get("/", &own_host)), 403);
    assert_eq!(status(&get("/0123456789abcdef0123456789abcdef/", &own_host)), 403);
    assert_eq!(status(&get(&path, "")), 403);
    assert_eq!(status(&get(&path, "Host: evil.example\r\n")), 403);
    assert_eq!(status(&get(&path, &format!("{own_host}Origin: http://evil.example\r\n"))), 403);
    assert_eq!(status(&get(&format!("{path}more"), &own_host)), 404);
    assert_eq!(status(&sent(&address, "no request\r\n\r\n")), 400);

    let post = |fields: &str, body: &str| {
        let length = body.len();
        let head =
            format!("POST {path}act HTTP/1.1\r\n{own_host}Content-Length: {length}\r\n{fields}");
        sent(&address, &format!("{head}\r\n{body}"))
    };
    let own = format!("Origin: http://{host}\r\n");
    let json = "Content-Type: application/json\r\n";
    let command = r#"{"command":"timeout S1"}"#;
    assert_eq!(status(&post(&format!("{own}{json}"), command)), 200);
    assert_eq!(status(&post(json, command)), 403);
    assert_eq!(status(&post(&format!("Origin: null\r\n{json}"), command)), 403);
    assert_eq!(status(&post(&format!("Origin: http://evil.example\r\n{json}"), command)), 403);
    // As a form of another page would send it.
    assert_eq!(status(&post(&format!("{own}Content-Type: text/plain\r\n"), command)), 415);
    for body in ["", "{", "{\"dance\":1}", "{\"command\":1}", "[]"] {
        assert_eq!(status(&post(&format!("{own}{json}"), body)), 400, "{body}");
    }
    // None of these has moved anything.
    let state = post(&format!("{own}{json}"), r#"{"command":"settle"}"#);
    assert!(state.contains(r#""script":"cluster 3\ntimeout S1\nsettle\n""#), "{state}");
}
