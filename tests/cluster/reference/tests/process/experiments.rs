//! What the lab's own programs need of servers: sessions, faults of links, checksums of states.

use std::time::{Duration, Instant};

use cluster::client::{Client, Outcome, Session};
use cluster::tool::{Reply, Talk};

use super::servers::{PATIENCE, Servers, wait_for};

fn said(servers: &Servers, at: usize, words: &[&str]) -> Reply {
    Talk::ask_once(servers.client(at), words, PATIENCE).unwrap()
}

/// The names of the servers other than this one, of three.
fn others(leader: usize) -> Vec<String> {
    (1..=3).filter(|id| *id != leader + 1).map(|id| id.to_string()).collect()
}

#[test]
fn a_command_of_a_session_is_executed_once_however_often_it_is_asked_for() {
    let servers = Servers::start("sessions", "reference", 3);
    let leader = servers.leader();
    let Reply::Integer(session) = said(&servers, leader, &["SESSION", "OPEN"]) else { panic!() };
    let session = session.to_string();
    let append =
        |serial: &str| said(&servers, leader, &["SESSION", &session, serial, "APPEND", "x", "a"]);
    assert_eq!(append("1"), Reply::Integer(1));
    assert_eq!(append("1"), Reply::Integer(1), "the same result, and no second append");
    assert_eq!(append("2"), Reply::Integer(2));
    let Reply::Error(text) = append("1") else { panic!() };
    assert!(text.starts_with("UNKNOWN"), "only the last result is kept: {text}");
    assert_eq!(said(&servers, leader, &["GET", "x"]), Reply::Bulk(Some(b"aa".to_vec())));
    let Reply::Error(text) = said(&servers, leader, &["SESSION", "9999999", "1", "DEL", "x"])
    else {
        panic!()
    };
    assert!(text.starts_with("UNKNOWN the session has ended"), "{text}");
    let Reply::Error(text) = said(&servers, leader, &["SESSION", &session, "3", "INFO"]) else {
        panic!()
    };
    assert!(text.contains("commands of the store"), "{text}");
}

#[test]
fn a_client_with_a_session_counts_exactly_while_leaders_are_killed() {
    let mut servers = Servers::start("session-kills", "reference", 3);
    let mut client = Client::new(servers.clients(), PATIENCE);
    let end = Instant::now() + Duration::from_mins(1);
    let mut session = Session::open(&mut client, end).expect("the reference opens sessions");
    for number in 1..=90 {
        let killed = (number % 30 == 0).then(|| servers.leader());
        if let Some(leader) = killed {
            servers.kill(leader);
        }
        let reply = session.ask(&mut client, &[b"INCRBY", b"n", b"1"], end, &mut |_| ());
        assert_eq!(reply, Outcome::Done(Reply::Integer(number)));
        if let Some(leader) = killed {
            servers.restart(leader);
        }
    }
}

#[test]
fn a_cluster_that_opens_no_session_is_not_asked_forever() {
    // A leader without a quorum cannot commit a registration.
    let servers = Servers::start("no-quorum", "reference", 3);
    let leader = servers.leader();
    let others = others(leader);
    let cut: Vec<&str> =
        ["RAFT", "CUT"].into_iter().chain(others.iter().map(String::as_str)).collect();
    said(&servers, leader, &cut);
    let mut alone = Client::new(vec![servers.client(leader).to_owned()], PATIENCE);
    assert!(Session::open(&mut alone, Instant::now() + Duration::from_millis(200)).is_none());
}

#[test]
fn a_slow_link_makes_commands_late_and_a_mute_leader_is_replaced() {
    let servers = Servers::start("links", "reference", 3);
    let leader = servers.leader();
    let others = others(leader);
    let tell = |words: &[&str]| {
        let words: Vec<&str> =
            words.iter().copied().chain(others.iter().map(String::as_str)).collect();
        assert_eq!(said(&servers, leader, &words), Reply::Simple("OK".to_owned()));
    };
    tell(&["RAFT", "SLOW", "250"]);
    let begin = Instant::now();
    assert_eq!(said(&servers, leader, &["SET", "x", "1"]), Reply::Simple("OK".to_owned()));
    assert!(begin.elapsed() >= Duration::from_millis(250), "{:?}", begin.elapsed());
    assert_eq!(said(&servers, leader, &["RAFT", "SLOW", "0"]), Reply::Simple("OK".to_owned()));
    // The others' messages still reach the leader, and none of its own leave.
    tell(&["RAFT", "MUTE"]);
    wait_for("another leader", || (servers.leader() != leader).then_some(()));
    assert_eq!(said(&servers, leader, &["RAFT", "MUTE"]), Reply::Simple("OK".to_owned()));
}

#[test]
fn servers_that_have_applied_the_same_entries_have_the_same_checksum() {
    let servers = Servers::start("digests", "reference", 3);
    let digests = || {
        let of = |at| format!("{:?}", said(&servers, at, &["RAFT", "DIGEST"]));
        [of(0), of(1), of(2)]
    };
    let empty = wait_for("the same entries", || {
        let [one, two, three] = digests();
        (one == two && two == three).then_some(one)
    });
    said(&servers, servers.leader(), &["SET", "x", "1"]);
    wait_for("the same entries", || {
        let [one, two, three] = digests();
        (one == two && two == three && one != empty).then_some(())
    });
}
