//! The limits in bytes of the reference. No gate demands those of an RPC and of the log's tail, so they are tested
//! here.

use ::snapshots_solution as subject;
use gates::simulator::SimulatedDisk;
use subject::data_model::{Log, RaftNode, Rules};
use subject::protocol::{
    ClientRequest, Config, Entry, Event, Index, KeyValue, Node as _, RequestId, ServerId, Setup,
    Term, Timer,
};
use subject::replication::entries_to_send;
use subject::snapshot::{tail_base, take_snapshot};

static RULES: Rules = subject::RULES;

/// A server that is alone in its cluster.
fn alone(config: Config) -> RaftNode {
    let setup = Setup {
        id: ServerId(1),
        members: [ServerId(1)].into(),
        config,
        seed: 1,
        disk: Box::new(SimulatedDisk::new()),
        machine: Box::new(KeyValue::new()),
    };
    RaftNode::new(setup, &RULES)
}

/// A server that has applied commands of these sizes in bytes.
fn with_commands(config: Config, sizes: &[usize]) -> RaftNode {
    let mut node = alone(config);
    let entries = sizes.iter().map(|&size| Entry::command(Term(1), "x".repeat(size).as_str()));
    node.log = Log::with_base(Index(0), Term(0), entries.collect());
    node.current_term = Term(1);
    (node.commit_index, node.last_applied) = (node.log.last_index(), node.log.last_index());
    node
}

/// The number of entries that one RPC carries.
fn sent(sizes: &[usize], max_entries: usize, max_entry_bytes: usize) -> usize {
    let config = Config { max_entries, max_entry_bytes, ..Config::default() };
    entries_to_send(&with_commands(config, sizes), Index(1)).len()
}

#[test]
fn an_rpc_is_limited_in_number_and_in_bytes() {
    assert_eq!(sent(&[10, 10, 10, 10], 64, 1_000), 4);
    assert_eq!(sent(&[10, 10, 10, 10], 3, 1_000), 3);
    assert_eq!(sent(&[10, 10, 10, 10], 64, 20), 2);
    assert_eq!(sent(&[10, 10, 10, 10], 64, 29), 2);
    assert_eq!(sent(&[1_000, 10], 64, 20), 1, "a single entry may be larger than the limit");
    assert_eq!(sent(&[10, 1_000], 64, 20), 1);
    assert_eq!(sent(&[], 64, 20), 0);
}

/// The number of entries that stay behind a snapshot of all of them.
fn tail(sizes: &[usize], snapshot_tail: usize, snapshot_tail_bytes: usize) -> u64 {
    let config = Config { snapshot_tail, snapshot_tail_bytes, ..Config::default() };
    let mut node = with_commands(config, sizes);
    let base = tail_base(&node, node.last_applied);
    take_snapshot(&mut node);
    assert_eq!(node.log.base_index(), base, "the log begins there");
    node.log.last_index().0 - base.0
}

#[test]
fn a_tail_is_limited_in_number_and_in_bytes() {
    assert_eq!(tail(&[10, 10, 10, 10], 3, 1_000), 3);
    assert_eq!(tail(&[10, 10, 10, 10], 3, 20), 2);
    assert_eq!(tail(&[10, 10, 10, 10], 3, 29), 2);
    assert_eq!(tail(&[10, 10, 10, 10], 0, 1_000), 0);
    assert_eq!(tail(&[1_000, 10], 3, 20), 1);
    assert_eq!(tail(&[10, 1_000], 3, 20), 0);
}

#[test]
fn bytes_are_counted_from_one_snapshot_to_the_next() {
    let mut node = alone(Config { snapshot_bytes: 30, snapshot_tail: 0, ..Config::default() });
    node.handle(Event::Start).unwrap();
    node.handle(Event::Timeout(Timer::Election)).unwrap();
    let mut ends = Vec::new();
    for number in 1..=6 {
        // 11 bytes. The third reaches the limit, and so does the third after it. The no-op has index 1.
        let request = ClientRequest::Command("set x 12345".into());
        node.handle(Event::Client { id: RequestId(number), request }).unwrap();
        ends.push(node.snapshots.latest.as_ref().map_or(0, |it| it.last_included_index.0));
    }
    assert_eq!(ends, [0, 0, 4, 4, 4, 7]);
}
