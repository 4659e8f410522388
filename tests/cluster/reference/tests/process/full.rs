//! A server whose disk is full.

use std::process::Command;

use cluster::tool::{Reply, Talk};

use super::load::Load;
use super::servers::{PATIENCE, Servers, wait_for};

/// Whether this system lets a test mount a small disk of its own.
fn can_mount() -> bool {
    let mount = "mount -t tmpfs -o size=64k none /mnt";
    let tried = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", mount])
        .output();
    tried.is_ok_and(|output| output.status.success())
}

#[test]
fn a_server_whose_disk_is_full_ends_with_a_sentence_and_nothing_acknowledged_is_lost() {
    if !can_mount() {
        println!("skipped: this system lets no test mount a disk");
        return;
    }
    let mut servers = Servers::start_with_a_small_disk("full", "reference", 3, "128k");
    // The server with the small disk leads, so that clients notice.
    wait_for("a transfer", || {
        let leader = servers.leader();
        if leader == 0 {
            return Some(());
        }
        let asked = Talk::ask_once(servers.client(leader), &["RAFT", "TRANSFER", "1"], PATIENCE);
        asked.is_ok_and(|reply| reply == Reply::Simple("OK".to_owned())).then_some(())
    });
    let load = Load::start(&servers, 8);
    wait_for("the disk to be full", || servers.child(0).try_wait().unwrap());
    let log = servers.log(0);
    assert!(log.contains("S1 has stopped: its disk is full"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    // The others go on.
    load.wait_for_more(200);
    let (acknowledged, unknown) = load.finish(&servers);
    println!("{acknowledged} acknowledged, {unknown} unknown");
}
