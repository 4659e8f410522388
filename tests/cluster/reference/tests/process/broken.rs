//! Bytes that no server and no client has sent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use cluster::tool::{Reply, Talk};
use cluster::wire::{Envelope, Letter, frame};
use protocol::{AppendEntries, CallId, Entry, Index, Request, RequestVote, ServerId, Term};
use rand::{Rng as _, RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use super::servers::Servers;

/// How many broken messages each port gets. `verify --full` asks for more.
fn count() -> u64 {
    std::env::var("RAFT_LAB_BROKEN_FRAMES").ok().and_then(|it| it.parse().ok()).unwrap_or(10_000)
}

/// A frame that a server of another cluster could have sent.
fn whole_frame(number: u64) -> Vec<u8> {
    let term = Term(1 << 40);
    let request = if number.is_multiple_of(2) {
        Request::RequestVote(RequestVote {
            term,
            candidate_id: ServerId(2),
            last_log_index: Index(1 << 40),
            last_log_term: term,
            leadership_transfer: true,
        })
    } else {
        Request::AppendEntries(AppendEntries {
            term,
            leader_id: ServerId(2),
            prev_log_index: Index(0),
            prev_log_term: Term(0),
            entries: vec![Entry::command(term, "set x 1"); 3],
            leader_commit: Index(3),
        })
    };
    let letter = Letter::Request { call: CallId(number), request };
    frame(&Envelope { cluster: 1, from: ServerId(2), to: ServerId(1), boot: 1, letter }).unwrap()
}

fn whole_request(number: u64) -> Vec<u8> {
    let value = number.to_string().repeat(10);
    format!("*3\r\n$3\r\nSET\r\n$6\r\nbroken\r\n${}\r\n{value}\r\n", value.len()).into_bytes()
}

/// The same with some bytes changed, cut off, repeated, or replaced by others.
fn broken(mut bytes: Vec<u8>, rng: &mut ChaCha8Rng) -> Vec<u8> {
    let at = rng.random_range(0..bytes.len());
    match rng.random_range(0..5) {
        0 => bytes[at] ^= 1 << rng.random_range(0..8),
        1 => bytes.truncate(at),
        2 => bytes.extend_from_within(at..),
        3 => bytes[at..].iter_mut().for_each(|byte| *byte = rng.random()),
        _ => {
            bytes = vec![0; rng.random_range(1..2_000)];
            rng.fill_bytes(&mut bytes);
        }
    }
    bytes
}

/// Sends broken messages, each on a connection of its own, and waits until the server has read each.
fn send(address: &str, whole: fn(u64) -> Vec<u8>, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    for number in 0..count() {
        let bytes = broken(whole(number), &mut rng);
        let mut stream = TcpStream::connect(address).expect("the server still accepts connections");
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        // The server may have hung up in the middle.
        let _ = stream.write_all(&bytes).and_then(|()| stream.shutdown(Shutdown::Write));
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

#[test]
fn broken_messages_do_no_harm() {
    let mut servers = Servers::start("broken", "reference", 3);
    let leader = servers.leader();
    let term = servers.info(leader).unwrap().number("term");
    let (peer, client) = (servers.peer(leader).to_owned(), servers.client(leader).to_owned());
    std::thread::scope(|scope| {
        scope.spawn(|| send(&peer, whole_frame, 1));
        scope.spawn(|| send(&client, whole_request, 2));
    });
    servers.assert_small();
    assert!(!servers.log(leader).contains("panicked"), "{}", servers.log(leader));
    let info = servers.info(leader).unwrap();
    assert!(info.leads(), "it was deposed by nobody");
    assert_eq!(info.number("term"), term);
    let set = Talk::ask_once(&client, &["SET", "x", "1"], Duration::from_secs(5)).unwrap();
    assert_eq!(set, Reply::Simple("OK".to_owned()));
}

#[test]
fn what_is_only_announced_takes_no_memory() {
    let mut servers = Servers::start("announced", "reference", 1);
    let mut open = Vec::new();
    for _ in 0..30 {
        let mut peer = TcpStream::connect(servers.peer(0)).unwrap();
        // A frame of 40 MB, of which nothing comes.
        peer.write_all(&[1, 0, 0, 128, 2, 0, 0, 0, 0]).unwrap();
        let mut client = TcpStream::connect(servers.client(0)).unwrap();
        client.write_all(b"*3\r\n$3\r\nSET\r\n$1\r\nx\r\n$1048576\r\n").unwrap();
        open.extend([peer, client]);
    }
    let set = Talk::ask_once(servers.client(0), &["SET", "x", "1"], Duration::from_secs(5));
    assert_eq!(set.unwrap(), Reply::Simple("OK".to_owned()));
    servers.assert_small();
}
