//! A server's folder: who may use it, and what a crash or damage leaves there.

use std::fs;

use cluster::tool::{Reply, Talk};

use super::servers::{PATIENCE, Servers, wait_for};

fn set(servers: &Servers, key: &str) {
    let leader = servers.leader();
    let said = Talk::ask_once(servers.client(leader), &["SET", key, "1"], PATIENCE).unwrap();
    assert_eq!(said, Reply::Simple("OK".to_owned()));
}

fn has(servers: &Servers, key: &str) -> bool {
    let leader = servers.leader();
    let said = Talk::ask_once(servers.client(leader), &["GET", key], PATIENCE).unwrap();
    said == Reply::Bulk(Some(b"1".to_vec()))
}

#[test]
fn a_second_process_on_a_folder_ends_with_a_sentence() {
    let servers = Servers::start("second-process", "reference", 1);
    let output = servers.command(0).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("another server (process "), "{said}");
    set(&servers, "x");
}

#[test]
fn zeros_at_the_end_of_the_log_do_no_harm_and_damage_is_explained() {
    let mut servers = Servers::start("zeros", "reference", 1);
    set(&servers, "x");
    set(&servers, "y");
    servers.kill(0);
    let path = servers.folder(0).join("log");
    let mut log = fs::read(&path).unwrap();
    log.extend([0; 4_096]);
    fs::write(&path, &log).unwrap();
    servers.restart(0);
    assert!(has(&servers, "x") && has(&servers, "y"));

    servers.kill(0);
    let mut log = fs::read(&path).unwrap();
    // The log was written again as one chunk, and chunks of this life follow it.
    log[20] ^= 1;
    fs::write(&path, &log).unwrap();
    let output = servers.command(0).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("is damaged at byte 0"), "{said}");
    assert_eq!(fs::read(&path).unwrap(), log, "it stays as it is");
}

#[test]
#[cfg(unix)]
fn sigterm_ends_a_server_in_order() {
    use rustix::process::{Pid, Signal, kill_process};
    let mut servers = Servers::start("sigterm", "reference", 1);
    set(&servers, "x");
    let pid = Pid::from_child(servers.child(0));
    kill_process(pid, Signal::TERM).unwrap();
    let status = wait_for("the end", || servers.child(0).try_wait().unwrap());
    assert!(status.success(), "{status}");
    assert!(servers.folder(0).join("clean").exists());
    servers.restart(0);
    assert!(!servers.folder(0).join("clean").exists());
    assert!(has(&servers, "x"));
}

#[test]
fn shutdown_over_the_network_ends_a_server_in_order() {
    let mut servers = Servers::start("shutdown", "reference", 1);
    set(&servers, "x");
    // The reply may be lost with the process.
    let _ = Talk::ask_once(servers.client(0), &["RAFT", "SHUTDOWN"], PATIENCE);
    let status = wait_for("the end", || servers.child(0).try_wait().unwrap());
    assert!(status.success(), "{status}");
    servers.restart(0);
    assert!(has(&servers, "x"));
}

#[test]
fn a_port_in_use_is_a_sentence() {
    let servers = Servers::start("port", "reference", 1);
    let other = servers.dir.join("S9");
    let mut command = servers.command(0);
    command.arg("--dir").arg(&other);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success() && said.contains("cannot listen at 127.0.0.1:"), "{said}");
}
