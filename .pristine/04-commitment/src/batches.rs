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
/// If the disk fails: nothing of the batch is released.
pub fn handle_all(node: &mut RaftNode, events: Vec<Event>) -> io::Result<Vec<Effect>> {
    // Exercise 4.11: dissertation §10.2.2, *batching*: exercise 1.8 for each event, but `persist` once.
    // This lab's rule: at most one AppendEntries for each server, with up to `config.max_entries` of
    // all that arrived. `Outbox::for_batch`.
    // Until then: replication::protocol::handle_each(node, events)
    replication::protocol::handle_each(node, events)
}

/// Sends each server what the batch has deferred, once.
pub fn end_batch(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.11: dissertation §10.2.2, *pipelining*: `nextIndex` moves on when entries are sent.
    // `Outbox::end_batch`, `Outbox::effects`.
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
    // Exercise 4.11: dissertation §10.2.2. The rejected request need not be the last.
    // Until then: ()
    ()
}
