//! Processes that are suspended, and clients that do not read.

use std::io::Write as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cluster::tool::{Reply, Talk};
use rustix::process::{Pid, Signal, kill_process};

use super::load::Load;
use super::servers::{Servers, wait_for};

fn signal(servers: &mut Servers, at: usize, signal: Signal) {
    let pid = Pid::from_child(servers.child(at));
    kill_process(pid, signal).unwrap();
}

/// Sets this many values of 20 kB, and returns how long that took.
fn fill(address: &str, count: usize) -> Duration {
    let mut talk = Talk::connect(address, Duration::from_secs(10)).unwrap();
    let value = vec![b'v'; 20_000];
    let begin = Instant::now();
    for at in 0..count {
        let key = format!("fill-{}", at % 100);
        let said = talk.ask(&[b"SET", key.as_bytes(), &value]).unwrap();
        assert_eq!(said, Reply::Simple("OK".to_owned()));
    }
    begin.elapsed()
}

#[test]
fn a_stopped_follower_does_not_slow_the_others_and_catches_up() {
    let mut servers = Servers::start("stopped-follower", "reference", 3);
    let (leader, follower) = (servers.leader(), servers.follower());
    let address = servers.client(leader).to_owned();
    let before = fill(&address, 300);
    signal(&mut servers, follower, Signal::STOP);
    let during = fill(&address, 2_000);
    println!("300 writes in {before:?} with all servers, 2000 in {during:?} with one stopped");
    servers.assert_small();
    signal(&mut servers, follower, Signal::CONT);
    let committed = servers.info(leader).unwrap().number("commit_index");
    wait_for("the follower", || {
        let info = servers.info(follower).ok()?;
        (info.number("commit_index") >= committed).then_some(())
    });
    assert!(servers.info(leader).unwrap().leads(), "it was not deposed");
}

#[test]
fn a_paused_leader_is_replaced_and_steps_down() {
    let mut servers = Servers::start("paused-leader", "reference", 3);
    let load = Load::start(&servers, 4);
    load.wait_for_more(50);
    for _ in 0..3 {
        let old = servers.leader();
        signal(&mut servers, old, Signal::STOP);
        let new = wait_for("another leader", || {
            let others = (0..servers.len()).filter(|&at| at != old);
            others.into_iter().find(|&at| servers.info(at).is_ok_and(|info| info.leads()))
        });
        signal(&mut servers, old, Signal::CONT);
        assert_ne!(new, old);
        wait_for("the old leader to step down", || {
            servers.info(old).ok().filter(|info| !info.leads()).map(|_| ())
        });
        load.wait_for_more(50);
    }
    load.finish(&servers);
}

#[test]
fn without_a_majority_a_command_ends_as_unknown() {
    let mut servers = Servers::start("no-majority", "reference-6", 3);
    let leader = servers.leader();
    for at in (0..3).filter(|&at| at != leader) {
        signal(&mut servers, at, Signal::STOP);
    }
    let begin = Instant::now();
    let address = servers.client(leader);
    let said = Talk::ask_once(address, &["APPEND", "x", "1"], Duration::from_secs(9)).unwrap();
    let Reply::Error(text) = said else { panic!("{said:?}") };
    assert!(text.starts_with("UNKNOWN "), "{text}");
    assert!(begin.elapsed() >= Duration::from_secs(4), "after {:?}", begin.elapsed());
    let said = Talk::ask_once(address, &["GET", "x"], Duration::from_secs(9)).unwrap();
    let Reply::Error(text) = said else { panic!("{said:?}") };
    assert!(text.starts_with("TRYAGAIN "), "a read has changed nothing: {text}");
}

#[test]
fn a_client_that_does_not_read_hinders_nobody() {
    let mut servers = Servers::start("no-reader", "reference", 3);
    let leader = servers.leader();
    let address = servers.client(leader).to_owned();
    let value = vec![b'v'; 1 << 20];
    let mut talk = Talk::connect(&address, Duration::from_secs(10)).unwrap();
    assert_eq!(talk.ask(&[b"SET", b"x", &value]).unwrap(), Reply::Simple("OK".to_owned()));
    let mut deaf = TcpStream::connect(&address).unwrap();
    deaf.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    // Until the server reads no more of it.
    let _ = (0..100_000).try_for_each(|_| deaf.write_all(b"GET x\r\n"));
    let begin = Instant::now();
    for _ in 0..100 {
        assert_eq!(talk.ask(&[b"SET", b"y", b"1"]).unwrap(), Reply::Simple("OK".to_owned()));
    }
    println!("100 writes beside a client that does not read: {:?}", begin.elapsed());
    servers.assert_small();
    assert!(servers.info(leader).unwrap().leads());
}
