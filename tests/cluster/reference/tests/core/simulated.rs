//! The core as a driver for the simulator.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use cluster::core::{
    Answer, ConnectionId, Core, Identity, Input, Limits, Output, Protections, Question,
};
use cluster::group_disk::GroupDisk;
use protocol::{Bytes, Config, Node, ServerId, Setup};
use simulator::{Driven, DrivenOptions, Driver, DriverFaults, Sent, Watch};

/// The answers that left, by connection. Each request has a connection of its own.
pub(crate) type Answers = Rc<RefCell<BTreeMap<ConnectionId, Vec<Answer>>>>;

/// A core that the simulator drives.
pub(crate) struct Simulated {
    core: Core,
    started: bool,
    answers: Answers,
}

impl Simulated {
    pub(crate) fn core(&self) -> &Core {
        &self.core
    }
}

impl Driver for Simulated {
    type Input = Input;

    fn turn(&mut self, now: Duration, inbox: &mut VecDeque<Input>) -> Option<Vec<Sent<Input>>> {
        let turned = if self.started { self.core.turn(now, inbox) } else { self.core.start(now) };
        self.started = true;
        let mut sent = Vec::new();
        for output in turned.ok()? {
            match output {
                Output::Message(envelope) => sent.push(Sent {
                    to: envelope.to,
                    is_reply: envelope.is_reply(),
                    input: Input::Message(envelope),
                }),
                Output::Answer { connection, answer } => {
                    self.answers.borrow_mut().entry(connection).or_default().push(answer);
                }
            }
        }
        Some(sent)
    }

    fn wake_at(&self) -> Option<Duration> {
        if self.started { self.core.wake_at() } else { Some(Duration::ZERO) }
    }
}

/// A run with three servers of this kind.
pub(crate) fn world(
    make: fn(Setup) -> Box<dyn Node>,
    seed: u64,
    protections: Protections,
    faults: DriverFaults,
) -> (Driven<Simulated>, Answers) {
    let ms = Duration::from_millis;
    let config = Config {
        election_timeout: ms(150)..ms(300),
        // Often enough for snapshots to come in the same batch as other writes.
        snapshot_entries: 12,
        snapshot_tail: 4,
        snapshot_chunk: 100,
        ..Config::default()
    };
    let factory = Arc::new(move |setup, _| make(setup));
    let watch = Watch::new(3, config, seed, factory);
    let answers = Answers::default();
    let heard = answers.clone();
    let boot = move |watch: &Watch, id: ServerId, life: u32| {
        let mut group = None;
        let node = watch.server(id, |disk| {
            let disk = GroupDisk::new(Box::new(disk));
            group = Some(disk.clone());
            Box::new(disk)
        });
        let disk = group.expect("the server was given a disk");
        let identity = Identity { cluster: 1, id, boot: id.0 << 32 | u64::from(life) };
        let limits = Limits { patience: ms(1_000), ..Limits::default() };
        let core = Core::new(identity, limits, node, disk).protected_by(protections);
        Simulated { core, started: false, answers: heard.clone() }
    };
    let options =
        DrivenOptions { seed, faults, ask_every: ms(10), make: Box::new(boot), ask: Box::new(ask) };
    (Driven::new(3, watch, options), answers)
}

/// Two commands for each read.
fn ask(number: u64) -> Input {
    let question = if number.is_multiple_of(3) {
        Question::Read(Bytes::from_static(b"get x"))
    } else {
        Question::Command(format!("append x {number},").into())
    };
    Input::Ask { connection: ConnectionId(number), question }
}
