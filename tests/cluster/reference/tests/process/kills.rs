//! A killed leader takes nothing along that was acknowledged.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::load::Load;
use super::servers::{Servers, wait_for};

/// The longest election timeout of a server.
const ELECTION: Duration = Duration::from_secs(1);

/// How often the leader is killed. `verify --full` asks for more.
fn kills() -> usize {
    std::env::var("RAFT_LAB_CLUSTER_KILLS").ok().and_then(|it| it.parse().ok()).unwrap_or(20)
}

fn kill_leaders(name: &str, kind: &'static str, count: usize, kills: usize) {
    let mut servers = Servers::start(name, kind, count);
    let load = Load::start(&servers, 8);
    load.wait_for_more(100);
    let mut gaps = Vec::new();
    for _ in 0..kills {
        let leader = servers.leader();
        let kill = Instant::now();
        servers.kill(leader);
        // What was on its way to clients when the leader died may still arrive.
        let next = servers.leader();
        assert_ne!(next, leader);
        let before = load.done.load(Ordering::Relaxed);
        wait_for("a write", || (load.done.load(Ordering::Relaxed) > before).then_some(()));
        gaps.push(kill.elapsed());
        servers.restart(leader);
        load.wait_for_more(50);
    }
    let (acknowledged, unknown) = load.finish(&servers);
    gaps.sort_unstable();
    println!(
        "{count} servers, {kills} kills: {acknowledged} acknowledged, {unknown} unknown; writes again after {:?} \
         (median), {:?} (longest)",
        gaps[gaps.len() / 2],
        gaps[gaps.len() - 1]
    );
    assert!(gaps[gaps.len() - 1] <= 5 * ELECTION, "{gaps:?}");
}

#[test]
fn nothing_acknowledged_is_lost_when_leaders_are_killed() {
    kill_leaders("kills", "reference", 3, kills());
}

#[test]
fn nor_with_the_server_in_another_architecture() {
    kill_leaders("kills-open", "reference-open", 3, kills().div_ceil(5));
}

#[test]
fn nor_with_module_5_alone() {
    kill_leaders("kills-5", "reference-5", 3, kills().div_ceil(5));
}

#[test]
fn nor_with_five_servers() {
    kill_leaders("kills-five", "reference", 5, kills().div_ceil(10));
}
