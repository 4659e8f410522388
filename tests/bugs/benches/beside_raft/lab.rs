//! A server of the reference.

use data_model::{RaftNode, Rules};
use protocol::{
    Bytes, CallId, ClientRequest, Command, Config, Effect, Event, KeyValue, NoDisk, Node as _,
    Reply, Request, RequestId, ServerId, Setup, Timer,
};

use super::{Driven, SERVERS};

static RULES: Rules = commitment::RULES;

pub(super) struct Server {
    id: ServerId,
    node: RaftNode,
    asked: u64,
    answered: u64,
    sends: Vec<(ServerId, Message)>,
}

/// A request, or the answer to one.
pub(super) enum Message {
    Request { from: ServerId, call: CallId, request: Request },
    Reply { from: ServerId, call: CallId, request: Request, reply: Reply },
}

impl Server {
    /// Takes in an event, and carries out what comes of it. Who has asked gets its request back with the
    /// answer.
    fn handle(&mut self, event: Event, asked: Option<Request>) {
        let effects = self.node.handle(event).expect("there is no disk that could fail");
        let mut asked = asked;
        for effect in effects {
            let from = self.id;
            match effect {
                Effect::Call { call, to, request } => {
                    self.sends.push((to, Message::Request { from, call, request }));
                }
                Effect::Answer { call, to, reply } => {
                    let request = asked.take().expect("it answers what it was asked");
                    self.sends.push((to, Message::Reply { from, call, request, reply }));
                }
                Effect::Client { result, .. } => {
                    result.expect("the leader stays");
                    self.answered += 1;
                }
                Effect::SetTimer { .. } => {}
            }
        }
    }
}

impl Driven for Server {
    type Message = Message;

    fn new(id: ServerId) -> Self {
        let setup = Setup {
            id,
            members: (1..=SERVERS).map(ServerId).collect(),
            config: Config::default(),
            seed: 1,
            disk: Box::new(NoDisk),
            machine: Box::new(KeyValue::new()),
        };
        let node = RaftNode::new(setup, &RULES);
        let mut server = Server { id, node, asked: 0, answered: 0, sends: Vec::new() };
        server.handle(Event::Start, None);
        server
    }

    fn campaign(&mut self) {
        self.handle(Event::Timeout(Timer::Election), None);
    }

    fn hear(&mut self, messages: Vec<Message>, commands: Vec<Bytes>) {
        for message in messages {
            match message {
                Message::Request { from, call, request } => {
                    let asked = Some(request.clone());
                    self.handle(Event::Request { call, from, request }, asked);
                }
                Message::Reply { from, call, request, reply } => {
                    self.handle(Event::Reply { call, from, request, reply }, None);
                }
            }
        }
        for bytes in commands {
            self.asked += 1;
            let request = ClientRequest::Command(Command { session: None, bytes });
            self.handle(Event::Client { id: RequestId(self.asked), request }, None);
        }
    }

    fn sends(&mut self) -> Vec<(ServerId, Message)> {
        std::mem::take(&mut self.sends)
    }

    fn answered(&mut self) -> u64 {
        std::mem::take(&mut self.answered)
    }

    fn applied(&self) -> u64 {
        self.node.last_applied.0
    }
}
