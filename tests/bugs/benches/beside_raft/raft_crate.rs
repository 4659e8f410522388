//! A server of the crate `raft`, in memory, driven as its example `five_mem_node` does it.

use protocol::{Bytes, Index, KeyValue, ServerId, StateMachine as _};
use raft::eraftpb::{Entry, Message};
use raft::storage::MemStorage;
use raft::{Config, INVALID_ID, RawNode};
use slog::{Discard, Logger, o};

use super::{Driven, SERVERS};

pub(super) struct Server {
    node: RawNode<MemStorage>,
    machine: KeyValue,
    applied: u64,
    answered: u64,
    sends: Vec<(ServerId, Message)>,
}

impl Server {
    /// Carries out what has come of the last events.
    fn carry_out(&mut self) {
        if !self.node.has_ready() {
            return;
        }
        let store = self.node.raft.raft_log.store.clone();
        let mut ready = self.node.ready();
        self.send(ready.take_messages());
        self.apply(ready.take_committed_entries());
        if !ready.entries().is_empty() {
            store.wl().append(ready.entries()).expect("entries follow each other");
        }
        if let Some(state) = ready.hs() {
            store.wl().set_hardstate(state.clone());
        }
        self.send(ready.take_persisted_messages());
        let mut light = self.node.advance(ready);
        if let Some(commit) = light.commit_index() {
            store.wl().mut_hard_state().set_commit(commit);
        }
        self.send(light.take_messages());
        self.apply(light.take_committed_entries());
        self.node.advance_apply();
    }

    fn send(&mut self, messages: Vec<Message>) {
        self.sends.extend(messages.into_iter().map(|message| (ServerId(message.to), message)));
    }

    fn apply(&mut self, entries: Vec<Entry>) {
        for entry in entries {
            self.applied = entry.index;
            // A new leader's first entry is empty.
            if !entry.data.is_empty() {
                self.machine.apply(Index(entry.index), &entry.data);
                self.answered += 1;
            }
        }
    }
}

impl Driven for Server {
    type Message = Message;

    fn new(id: ServerId) -> Self {
        let config = Config {
            id: id.0,
            election_tick: 10,
            heartbeat_tick: 3,
            max_size_per_msg: 1 << 20,
            max_inflight_msgs: 256,
            ..Config::default()
        };
        let members: Vec<u64> = (1..=SERVERS).collect();
        let store = MemStorage::new_with_conf_state((members, vec![]));
        let logger = Logger::root(Discard, o!());
        let node = RawNode::new(&config, store, &logger).expect("the configuration is valid");
        assert_eq!(node.raft.leader_id, INVALID_ID);
        let machine = KeyValue::new();
        Server { node, machine, applied: 0, answered: 0, sends: Vec::new() }
    }

    fn campaign(&mut self) {
        self.node.campaign().expect("it does not lead yet");
        self.carry_out();
    }

    fn hear(&mut self, messages: Vec<Message>, commands: Vec<Bytes>) {
        for message in messages {
            self.node.step(message).expect("it comes from a member");
        }
        for command in commands {
            self.node.propose(vec![], command.to_vec()).expect("it leads");
        }
        self.carry_out();
    }

    fn sends(&mut self) -> Vec<(ServerId, Message)> {
        std::mem::take(&mut self.sends)
    }

    fn answered(&mut self) -> u64 {
        std::mem::take(&mut self.answered)
    }

    fn applied(&self) -> u64 {
        self.applied
    }
}
