//! A server that has applied a million commands holds no more than one that has applied a thousand: what it keeps,
//! in memory and on disk, is bounded by the limit for snapshots and the tail of the log.

use ::snapshots_solution as subject;
use gates::simulator::SimulatedDisk;
use subject::data_model::RaftNode;
use subject::data_model::Rules;
use subject::protocol::{
    ClientRequest, Config, Event, KeyValue, Node, RequestId, ServerId, Setup, Timer,
};

static RULES: Rules = subject::RULES;

const COMMANDS: u64 = 1_000_000;
const LIMIT: usize = 1_000;
const TAIL: usize = 250;

#[test]
fn a_million_commands_take_no_more_room_than_a_thousand() {
    let disk = SimulatedDisk::new();
    let setup = Setup {
        id: ServerId(1),
        members: [ServerId(1)].into(),
        config: Config { snapshot_entries: LIMIT, snapshot_tail: TAIL, ..Config::default() },
        seed: 1,
        disk: Box::new(disk.clone()),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = RaftNode::new(setup, &RULES);
    node.handle(Event::Start).unwrap();
    node.handle(Event::Timeout(Timer::Election)).unwrap();
    let (mut entries, mut bytes) = (0, [0; 2]);
    for number in 1..=COMMANDS {
        // Numbers of one length, over a few keys: the state machine itself must not grow.
        let command = format!("set k{} {number:07}", number % 10);
        let request = ClientRequest::Command(command.as_str().into());
        node.handle(Event::Client { id: RequestId(number), request }).unwrap();
        entries = entries.max(node.log.last_index().0 - node.log.base_index().0);
        if number % 499 == 0 {
            let on_disk = disk.files().values().map(Vec::len).sum::<usize>();
            let most = &mut bytes[usize::from(number > 2 * LIMIT as u64)];
            *most = on_disk.max(*most);
        }
    }
    assert_eq!(node.last_applied().0, COMMANDS + 1, "with the leader's no-op");
    let most = (LIMIT + TAIL) as u64;
    assert!(entries <= most, "{entries} entries in the log, at most {most} are expected");
    assert!(node.pending_commands.is_empty() && node.pending_reads.is_empty(), "no client waits");
    let [early, late] = bytes;
    // An index of a million takes a byte or two more than one of a thousand, in each record.
    assert!(late <= early + 4 * LIMIT, "{late} bytes on disk, and {early} at the beginning");
}
