//! A server of the reference.

use std::collections::VecDeque;

use data_model::{RaftNode, Rules};
use protocol::{
    Bytes, CallId, ClientRequest, Command, Config, Effect, Event, KeyValue, NoDisk, Node as _,
    Reply, Request, RequestId, ServerId, Setup, Timer,
};

use super::{Driven, SERVERS};

static RULES: Rules = commitment::RULES;

/// A server that hears one event at a time, or all events of a round together (exercise 4.11).
pub(super) struct Server<const TOGETHER: bool> {
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

impl<const TOGETHER: bool> Server<TOGETHER> {
    /// Handles events, and carries out their effects. Each answer travels with the request that it answers.
    fn handle(&mut self, events: Vec<Event>) {
        let mut asked = VecDeque::new();
        for event in &events {
            if let Event::Request { request, .. } = event {
                asked.push_back(request.clone());
            }
        }
        let handled = if TOGETHER {
            self.node.handle_all(events)
        } else {
            protocol::handle_each(&mut self.node, events)
        };
        for effect in handled.expect("there is no disk that could fail") {
            let from = self.id;
            match effect {
                Effect::Call { call, to, request } => {
                    self.sends.push((to, Message::Request { from, call, request }));
                }
                Effect::Answer { call, to, reply } => {
                    let request =
                        asked.pop_front().expect("it answers what it was asked, in order");
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

impl<const TOGETHER: bool> Driven for Server<TOGETHER> {
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
        server.handle(vec![Event::Start]);
        server
    }

    fn campaign(&mut self) {
        self.handle(vec![Event::Timeout(Timer::Election)]);
    }

    fn hear(&mut self, messages: Vec<Message>, commands: Vec<Bytes>) {
        let heard = messages.into_iter().map(|message| match message {
            Message::Request { from, call, request } => Event::Request { call, from, request },
            Message::Reply { from, call, request, reply } => {
                Event::Reply { call, from, request, reply }
            }
        });
        let mut events: Vec<Event> = heard.collect();
        for bytes in commands {
            self.asked += 1;
            let request = ClientRequest::Command(Command { session: None, bytes });
            events.push(Event::Client { id: RequestId(self.asked), request });
        }
        self.handle(events);
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
