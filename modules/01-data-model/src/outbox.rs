//! Where the rules put what they want done. Given: read it before exercise 1.6.

use std::time::Duration;

use protocol::{Bytes, CallId, ClientError, Effect, Reply, Request, RequestId, ServerId, Timer};

/// The effects of one event, in the order in which they were made. They are released together, at the
/// end of the event, when the state that they describe is in place and on disk.
#[derive(Debug, Default)]
pub struct Outbox {
    effects: Vec<Effect>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        // Room for what most events want done: a leader of five servers makes four calls and arms a timer.
        Outbox { effects: Vec::with_capacity(8) }
    }

    /// Calls another server. Rules use [`RaftNode::call`](crate::RaftNode::call), which numbers the
    /// calls.
    pub fn call(&mut self, call: CallId, to: ServerId, request: Request) {
        self.effects.push(Effect::Call { call, to, request });
    }

    /// Answers a call.
    pub fn answer(&mut self, call: CallId, to: ServerId, reply: Reply) {
        self.effects.push(Effect::Answer { call, to, reply });
    }

    /// Arms a timer, `after` from now; an earlier time of the same timer is cancelled.
    pub fn set_timer(&mut self, timer: Timer, after: Duration) {
        self.effects.push(Effect::SetTimer { timer, after });
    }

    /// Answers a client.
    pub fn client(&mut self, id: RequestId, result: Result<Bytes, ClientError>) {
        self.effects.push(Effect::Client { id, result });
    }

    /// What is in it, for the driver that carries it out.
    pub fn into_effects(self) -> Vec<Effect> {
        self.effects
    }
}
