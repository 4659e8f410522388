//! Where the rules put what they want done. Given: read it before exercise 1.6.

use std::collections::BTreeSet;
use std::time::Duration;

use protocol::{Bytes, CallId, ClientError, Effect, Reply, Request, RequestId, ServerId, Timer};

/// The effects of one event, in the order in which they were made. They are released together, at the
/// end of the event, when the state that they describe is in place and on disk.
#[derive(Debug, Default)]
pub struct Outbox {
    effects: Vec<Effect>,
    /// The servers to send something to when the batch ends, if this is the outbox of a batch.
    deferred: Option<BTreeSet<ServerId>>,
}

impl Outbox {
    /// An empty outbox.
    pub fn new() -> Self {
        // Room for what most events want done: a leader of five servers makes four calls and arms a timer.
        Outbox { effects: Vec::with_capacity(8), deferred: None }
    }

    /// An empty outbox for a batch of events (module 4, bonus). `RaftNode::replicate_to` sends nothing with it, but
    /// notes the server, until the batch [ends](Outbox::end_batch).
    pub fn for_batch() -> Self {
        Outbox { deferred: Some(BTreeSet::new()), ..Outbox::new() }
    }

    /// Notes this server for the end of the batch; false if there is no batch.
    pub(crate) fn defers(&mut self, peer: ServerId) -> bool {
        self.deferred.as_mut().map(|deferred| deferred.insert(peer)).is_some()
    }

    /// Ends the batch, if this is the outbox of one. Returns the servers that were noted, each once. From now on, `RaftNode::replicate_to` sends at once.
    pub fn end_batch(&mut self) -> BTreeSet<ServerId> {
        self.deferred.take().unwrap_or_default()
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

    /// What is in it so far, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// What is in it, for the driver that carries it out.
    pub fn into_effects(self) -> Vec<Effect> {
        self.effects
    }
}
