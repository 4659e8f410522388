//! A server on a folder of a real disk: what it has answered is there, whatever a crash takes away.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use ::persistence_solution as subject;
use gates::simulator::{DiskOperation, RecordingDisk};
use subject::RULES;
use subject::data_model::{RaftNode, Rules};
use subject::protocol::{
    AppendEntries, CallId, ClientRequest, Command, Config, Directory, Disk, Effect, Entry, Event,
    Index, KeyValue, Members, Node as _, Request, RequestId, RequestVote, ServerId, Setup, Term,
    Timer,
};

static TABLE: Rules = RULES;

const S1: ServerId = ServerId(1);
const S2: ServerId = ServerId(2);

/// A folder that is gone when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// S1 of a cluster of this many, started on this disk.
fn started(disk: impl Disk + 'static, servers: u64) -> RaftNode {
    let setup = Setup {
        id: S1,
        members: (1..=servers).map(ServerId).collect::<Members>(),
        config: Config::default(),
        seed: 1,
        disk: Box::new(disk),
        machine: Box::new(KeyValue::new()),
    };
    let mut node = RaftNode::new(setup, &TABLE);
    node.handle(Event::Start).expect("the disk works");
    node
}

/// Lets a server that is alone in its cluster lead: what is on its disk is then applied.
fn leading(disk: impl Disk + 'static) -> RaftNode {
    let mut node = started(disk, 1);
    node.handle(Event::Timeout(Timer::Election)).expect("the disk works");
    node
}

/// Lets the leader execute `append x NUMBER,`; whether it has said that it did.
fn append(node: &mut RaftNode, number: u64) -> bool {
    let command = Command::from(format!("append x {number},").as_str());
    let event = Event::Client { id: RequestId(number), request: ClientRequest::Command(command) };
    let effects = node.handle(event).expect("the disk works");
    effects.iter().any(|effect| matches!(effect, Effect::Client { result: Ok(_), .. }))
}

/// The numbers that the state machine has been given.
fn applied(node: &RaftNode) -> Vec<u64> {
    let value = String::from_utf8_lossy(&node.machine().query(b"get x")).into_owned();
    value.split(',').filter_map(|number| number.parse().ok()).collect()
}

#[test]
fn the_disk_is_synced_before_every_answer() {
    let folder = Folder::new("answers");
    let disk = RecordingDisk::of(Directory::open(&folder.0).unwrap());
    let mut node = started(disk.clone(), 3);
    let asked = |term, from| {
        let request = Request::RequestVote(RequestVote {
            term: Term(term),
            candidate_id: from,
            last_log_index: Index(100),
            last_log_term: Term(term),
            leadership_transfer: false,
        });
        Event::Request { call: CallId(term), from, request }
    };
    let brought = |term, prev: (u64, u64), terms: &[u64]| {
        let request = Request::AppendEntries(AppendEntries {
            term: Term(term),
            leader_id: S2,
            prev_log_index: Index(prev.0),
            prev_log_term: Term(prev.1),
            entries: terms.iter().map(|&term| Entry::command(Term(term), "set x 1")).collect(),
            leader_commit: Index(0),
        });
        Event::Request { call: CallId(term), from: S2, request }
    };
    let events = [
        asked(1, S2),
        brought(1, (0, 0), &[1, 1, 1]),
        brought(2, (1, 1), &[2]),
        asked(3, ServerId(3)),
        Event::Timeout(Timer::Election),
        brought(5, (2, 2), &[5, 5]),
    ];
    disk.take();
    for event in events {
        let what = format!("{event:?}");
        let effects = node.handle(event).unwrap();
        let speaks =
            |effect: &Effect| matches!(effect, Effect::Answer { .. } | Effect::Call { .. });
        assert!(effects.iter().any(speaks), "{what} is answered");
        let operations = disk.take();
        let [DiskOperation::Append(written, _), DiskOperation::Sync(synced)] = &operations[..]
        else {
            panic!("{what}: {operations:?}")
        };
        assert_eq!(written, synced, "{what}");
    }
}

/// Every state in which a crash may leave the folder, at every moment, is put into a folder; the server
/// that is started on it has executed every command that a client was answered by then.
#[test]
fn no_legal_loss_takes_an_acknowledged_command_away() {
    let folder = Folder::new("losses");
    let disk = RecordingDisk::of(Directory::open(&folder.0).unwrap());
    let mut node = leading(disk.clone());
    // What was acknowledged when so many operations had been done.
    let mut acknowledged = BTreeMap::from([(0, 0)]);
    for number in 1..=12 {
        assert!(append(&mut node, number));
        acknowledged.insert(disk.operations().len(), number);
    }
    let operations = disk.operations();
    let mut states = 0;
    for done in 0..=operations.len() {
        let (_, &least) = acknowledged.range(..=done).next_back().unwrap();
        for state in DiskOperation::survivors(&operations[..done]) {
            let crashed = Folder::new("crashed");
            put(&state, &crashed.0);
            let node = leading(Directory::open(&crashed.0).unwrap());
            let found = applied(&node);
            let expected: Vec<u64> = (1..=found.len() as u64).collect();
            assert_eq!(found, expected, "each command is executed once, in order");
            assert!(found.len() as u64 >= least, "{found:?}, and {least} were acknowledged");
            states += 1;
        }
    }
    assert!(states > 400, "only {states} states were tried");
}

fn put(files: &BTreeMap<String, Vec<u8>>, folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

/// The environment's name for the folder of a server that will be killed.
const CHILD: &str = "RAFT_LAB_SERVER_TO_KILL";

/// What such a server prints for each command that it has executed.
const DONE: &str = "done ";

/// Not a test by itself: what runs in a process that will be killed.
#[test]
fn a_server_that_will_be_killed() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let mut node = leading(Directory::open(folder).unwrap());
    let first = applied(&node).last().map_or(1, |last| last + 1);
    let mut out = std::io::stdout();
    for number in first.. {
        assert!(append(&mut node, number));
        // Nobody listens any more: this process is about to end anyhow.
        let told = writeln!(out, "\n{DONE}{number}").and_then(|()| out.flush());
        if told.is_err() {
            return;
        }
    }
}

/// A smoke test: a process that is killed leaves to its system what it wrote, so this does not show whether
/// anything was synced.
#[test]
fn a_process_that_is_killed_loses_no_acknowledged_command() {
    const KILLS: u64 = 200;
    let folder = Folder::new("killed");
    let mut acknowledged = 0;
    for kill in 1..=KILLS {
        // Knuth's multiplier: a different number of commands each time, the same in every run.
        let commands = 1 + (kill.wrapping_mul(6_364_136_223_846_793_005) >> 40) % 8;
        acknowledged = run_and_kill(&folder.0, commands).max(acknowledged);
        let found = started_and_applied(&folder.0);
        let expected: Vec<u64> = (1..=found.len() as u64).collect();
        assert_eq!(found, expected, "after kill {kill}, each command is executed once, in order");
        assert!(
            found.len() as u64 >= acknowledged,
            "after kill {kill}: {acknowledged} were acknowledged"
        );
    }
    assert!(acknowledged > KILLS, "every process did something");
}

/// The number of the last command that the server in its process said it had executed. It is killed after
/// so many.
fn run_and_kill(folder: &Path, commands: u64) -> u64 {
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "a_server_that_will_be_killed", "--nocapture"])
        .env(CHILD, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut done = lines
        .by_ref()
        .map_while(Result::ok)
        .filter_map(|line| line.strip_prefix(DONE).and_then(|number| number.parse().ok()));
    let mut last = 0;
    for _ in 0..commands {
        last = done.next().expect("the server goes on until it is killed");
    }
    child.kill().unwrap();
    // What it said before it was killed counts, too.
    let last = done.last().unwrap_or(last);
    child.wait().unwrap();
    last
}

fn started_and_applied(folder: &Path) -> Vec<u64> {
    applied(&leading(Directory::open(folder).unwrap()))
}
