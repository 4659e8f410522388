//! A server that does what a test says, and a core around it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use cluster::core::{
    Answer, ConnectionId, Core, Identity, Input, Limits, Output, Protections, Question,
};
use cluster::group_disk::GroupDisk;
use cluster::wire::{Envelope, Letter};
use protocol::{
    AppendEntries, AppendEntriesReply, Bytes, CallId, Disk, Effect, Entry, Event, Index, KeyValue,
    Members, Node, Reply, Request, RoleName, ServerId, Term,
};

pub(crate) const S1: ServerId = ServerId(1);
pub(crate) const S2: ServerId = ServerId(2);
pub(crate) const BOOT: u64 = 77;

/// What a fake server does at an event.
type Script = Box<dyn FnMut(&Event) -> Vec<Effect>>;

/// What happens to a core's server and disk, in order.
pub(crate) type Notes = Rc<RefCell<Vec<String>>>;

struct Fake {
    script: Script,
    /// The sizes of the batches that it was handed.
    handed: Rc<RefCell<Vec<usize>>>,
    notes: Notes,
    disk: Box<dyn Disk>,
    members: Members,
    machine: KeyValue,
}

impl std::fmt::Debug for Fake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Fake")
    }
}

/// The name of an event, as in notes.
fn name(event: &Event) -> String {
    match event {
        Event::Start => "start".to_owned(),
        Event::Timeout(timer) => format!("{timer:?}"),
        Event::Request { request, .. } => request.name().to_owned(),
        Event::Reply { reply, .. } => format!("{}Reply", reply.name()),
        Event::Client { id, .. } => format!("client {}", id.0),
    }
}

impl Node for Fake {
    /// Each event is written to the disk, as a server's would be.
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        self.notes.borrow_mut().push(name(&event));
        self.disk.append("log", b"x")?;
        self.disk.sync("log")?;
        Ok((self.script)(&event))
    }
    fn handle_all(&mut self, events: Vec<Event>) -> io::Result<Vec<Effect>> {
        self.handed.borrow_mut().push(events.len());
        protocol::handle_each(self, events)
    }
    fn role(&self) -> RoleName {
        RoleName::Leader
    }
    fn current_term(&self) -> Term {
        Term(1)
    }
    fn voted_for(&self) -> Option<ServerId> {
        None
    }
    simulator::without_log!();
}

/// A disk that notes its syncs, and fails when the test says so.
#[derive(Clone, Debug)]
pub(crate) struct FakeDisk {
    notes: Notes,
    pub(crate) fails: Rc<RefCell<bool>>,
}

impl Disk for FakeDisk {
    fn read(&self, _file: &str) -> io::Result<Vec<u8>> {
        Ok(Vec::new())
    }
    fn append(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
    fn sync(&mut self, _file: &str) -> io::Result<()> {
        if *self.fails.borrow() {
            return Err(io::Error::other("the fsync has failed"));
        }
        self.notes.borrow_mut().push("fsync".to_owned());
        Ok(())
    }
    fn replace(&mut self, _file: &str, _bytes: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// A core around a fake server.
pub(crate) struct Bench {
    pub(crate) core: Core,
    pub(crate) notes: Notes,
    /// The sizes of the batches that the server was handed.
    pub(crate) handed: Rc<RefCell<Vec<usize>>>,
    pub(crate) disk: FakeDisk,
    pub(crate) inbox: VecDeque<Input>,
}

impl Bench {
    /// A core whose server has been started.
    pub(crate) fn new(
        limits: Limits,
        protections: Protections,
        script: impl FnMut(&Event) -> Vec<Effect> + 'static,
    ) -> Self {
        let notes = Notes::default();
        let disk = FakeDisk { notes: notes.clone(), fails: Rc::default() };
        let group = GroupDisk::new(Box::new(disk.clone()));
        let handed = Rc::default();
        let node = Fake {
            script: Box::new(script),
            handed: Rc::clone(&handed),
            notes: notes.clone(),
            disk: Box::new(group.clone()),
            members: [S1, S2].into(),
            machine: KeyValue::new(),
        };
        let identity = Identity { cluster: 1, id: S1, boot: BOOT };
        let core = Core::new(identity, limits, Box::new(node), group).protected_by(protections);
        let mut bench = Bench { core, notes, handed, disk, inbox: VecDeque::new() };
        bench.core.start(Duration::ZERO).expect("the disk works");
        bench.notes.borrow_mut().clear();
        bench
    }

    /// A turn after this many milliseconds. Returns what leaves.
    pub(crate) fn turn(&mut self, ms: u64) -> Vec<Output> {
        self.core.turn(Duration::from_millis(ms), &mut self.inbox).expect("the disk works")
    }

    /// What has happened since the last call.
    pub(crate) fn took(&self) -> Vec<String> {
        std::mem::take(&mut self.notes.borrow_mut())
    }
}

/// A client's command, on this connection.
pub(crate) fn command(connection: u64) -> Input {
    let question = Question::Command(Bytes::from_static(b"set x 1"));
    Input::Ask { connection: ConnectionId(connection), question }
}

/// S1's AppendEntries to S2, with this many entries after index 0.
pub(crate) fn append(call: u64, entries: usize) -> Effect {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(1),
        leader_id: S1,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: vec![Entry::command(Term(1), "set x 1"); entries],
        leader_commit: Index(0),
    });
    Effect::Call { call: CallId(call), to: S2, request }
}

fn envelope(letter: Letter) -> Input {
    Input::Message(Envelope { cluster: 1, from: S2, to: S1, boot: 5, letter })
}

/// A leader's heartbeat, from S2.
pub(crate) fn heartbeat() -> Input {
    let request = Request::AppendEntries(AppendEntries {
        term: Term(1),
        leader_id: S2,
        prev_log_index: Index(0),
        prev_log_term: Term(0),
        entries: Vec::new(),
        leader_commit: Index(0),
    });
    envelope(Letter::Request { call: CallId(1), request })
}

/// S2's reply to a request of S1 in the life with this boot number.
pub(crate) fn reply(call: u64, caller_boot: u64) -> Input {
    let reply = AppendEntriesReply { term: Term(1), success: true, conflict: None };
    let reply = Reply::AppendEntries(reply);
    envelope(Letter::Reply { call: CallId(call), caller_boot, reply })
}

/// The calls that leave.
pub(crate) fn calls(outputs: &[Output]) -> Vec<u64> {
    let call = |output: &Output| match output {
        Output::Message(Envelope { letter: Letter::Request { call, .. }, .. }) => Some(call.0),
        _ => None,
    };
    outputs.iter().filter_map(call).collect()
}

/// The answers that leave, with their connections.
pub(crate) fn answers(outputs: Vec<Output>) -> Vec<(u64, Answer)> {
    let answer = |output| match output {
        Output::Answer { connection, answer } => Some((connection.0, answer)),
        Output::Message(_) => None,
    };
    outputs.into_iter().filter_map(answer).collect()
}
