//! Bonus: several events at a time, and requests that do not wait for replies (dissertation §10.2).

use std::io;

use replication::data_model::event_loop::dispatch;
use replication::data_model::{Outbox, RaftNode, Role};
use replication::protocol::{
    AppendEntries, AppendEntriesReply, Effect, Event, Reply, Request, ServerId,
};

/// Row `handle_all`: several events have arrived together.
///
/// # Errors
/// If the disk fails. Then no effect of the whole batch is released.
pub fn handle_all(node: &mut RaftNode, events: Vec<Event>) -> io::Result<Vec<Effect>> {
    // Exercise 4.11: dissertation §10.2.2, *batching*. The events in order, each as in exercise 1.8;
    // but the row `persist` runs once. This lab's rule: a server is sent at most one AppendEntries, with
    // everything that the batch has brought (`config.max_entries` applies). `Outbox::for_batch`;
    // `end_batch` and `fall_back` below.
    // Until then: replication::protocol::handle_each(node, events)
    replication::protocol::handle_each(node, events)
}

/// Sends each server what the batch has deferred, once.
pub fn end_batch(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.11: dissertation §10.2.2, *pipelining*: `nextIndex` moves on when entries are sent, and
    // not when they are acknowledged. `Outbox::end_batch` says whom; `Outbox::effects` shows what the
    // row `replicate_to` has sent.
    // Until then: ()
    ()
}

/// Before a reply is handled: takes `nextIndex` back if it is a rejection.
pub fn fall_back(
    node: &mut RaftNode,
    from: ServerId,
    request: &AppendEntries,
    reply: &AppendEntriesReply,
) {
    // Exercise 4.11: dissertation §10.2.2: if a request is lost, those after it are rejected. Exercise
    // 3.6 then takes `nextIndex` back if the rejected request was the last; with several in flight, it
    // need not be.
    // Until then: ()
    ()
}
