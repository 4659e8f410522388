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
    // Approach: what exercise 1.8 does after an event is done after each: a leadership may end and
    // another begin within a batch, and between the two some clients must be told.
    let rules = node.rules;
    let mut out = Outbox::for_batch();
    for event in events {
        let led_before = node.leads();
        if let Event::Reply { from, request, reply, .. } = &event
            && let (Request::AppendEntries(q), Reply::AppendEntries(r)) = (request, reply)
        {
            fall_back(node, *from, q, r);
        }
        dispatch(node, event, &mut out)?;
        (rules.advance_commit)(node, &mut out);
        (rules.apply)(node, &mut out);
        (rules.serve_reads)(node, &mut out);
        if led_before.is_some() && led_before != node.leads() {
            (rules.deposed)(node, &mut out);
        }
    }
    end_batch(node, &mut out);
    (rules.persist)(node)?;
    Ok(out.into_effects())
}

/// Sends each server what the batch has deferred, once.
pub fn end_batch(node: &mut RaftNode, out: &mut Outbox) {
    // Exercise 4.11: dissertation §10.2.2, *pipelining*: `nextIndex` moves on when entries are sent.
    // `Outbox::end_batch`, `Outbox::effects`.
    // Until then: ()
    // Approach: the row decides what is sent: from module 6 on it may be a chunk of a snapshot. So
    // this looks at what was sent, and does not work it out once more.
    for peer in out.end_batch() {
        let before = out.effects().len();
        node.replicate_to(peer, out);
        let Role::Leader { progress } = &mut node.role else { return };
        let Some(follower) = progress.get_mut(&peer) else { continue };
        for effect in &out.effects()[before..] {
            if let Effect::Call { request: Request::AppendEntries(sent), .. } = effect {
                follower.next_index = sent.last_new_index().next();
            }
        }
    }
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
    // Approach: as if the rejected request had been the last: then 3.6 does what it did before. A
    // heartbeat begins at `nextIndex` too. So if nothing follows a lost request, it is rejected, and a
    // loss is noticed after a heartbeat at the latest.
    let this_term = request.term == node.current_term;
    let Role::Leader { progress } = &mut node.role else { return };
    let Some(follower) = progress.get_mut(&from) else { return };
    let tried = request.prev_log_index;
    if this_term && !reply.success && tried > follower.match_index {
        follower.next_index = follower.next_index.min(tried.next());
    }
}
