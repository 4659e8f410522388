//! The event loop: determines what happened, and runs the row of the table for it.
//!
//! This is the box "Rules for Servers, All Servers" of Figure 2.

use std::io;

use protocol::{CallId, Effect, Event, Reply, Request, ServerId, Timer};

use crate::{Outbox, RaftNode};

/// Answers a request of another server.
pub fn handle_request(
    node: &mut RaftNode,
    from: ServerId,
    request: &Request,
    out: &mut Outbox,
) -> Reply {
    // Exercise 1.6: §5.1. If `intercept_request` replies, that is the answer, and the request's
    // term is ignored. Otherwise the request's own row answers.
    // Approach: the term rule comes before the row, so that every row finds a term that is at least
    // the request's.
    if let Some(reply) = (node.rules.intercept_request)(node, from, request, out) {
        return reply;
    }
    node.observe_term(request.term());
    let rules = node.rules;
    match request {
        Request::RequestVote(r) => Reply::RequestVote((rules.request_vote)(node, r, out)),
        Request::AppendEntries(r) => Reply::AppendEntries((rules.append_entries)(node, r, out)),
        Request::InstallSnapshot(r) => {
            Reply::InstallSnapshot((rules.install_snapshot)(node, r, out))
        }
        Request::PreVote(r) => Reply::PreVote((rules.pre_vote)(node, r, out)),
        Request::TimeoutNow(r) => Reply::TimeoutNow((rules.timeout_now)(node, r, out)),
    }
}

/// Handles the reply to `call`; `request` is what was asked.
pub fn handle_reply(
    node: &mut RaftNode,
    call: CallId,
    from: ServerId,
    request: &Request,
    reply: &Reply,
    out: &mut Outbox,
) {
    // Exercise 1.7: §5.1. A reply counts if its request is of this term and of its kind. Then its
    // row runs, and then `reply_received`.
    // Approach: the term is observed first: a reply that counts for nothing else may still bring a
    // newer term. Then the request's term is an old one, and the comparison drops the reply.
    node.observe_term(reply.term());
    if request.term() != node.current_term {
        return;
    }
    let rules = node.rules;
    match (request, reply) {
        (Request::RequestVote(q), Reply::RequestVote(r)) => {
            (rules.request_vote_reply)(node, from, q, r, out);
        }
        (Request::AppendEntries(q), Reply::AppendEntries(r)) => {
            (rules.append_entries_reply)(node, from, q, r, out);
        }
        (Request::InstallSnapshot(q), Reply::InstallSnapshot(r)) => {
            (rules.install_snapshot_reply)(node, from, q, r, out);
        }
        (Request::PreVote(q), Reply::PreVote(r)) => (rules.pre_vote_reply)(node, from, q, r, out),
        (Request::TimeoutNow(_), Reply::TimeoutNow(_)) => {}
        _ => return,
    }
    (rules.reply_received)(node, call, from, request, reply, out);
}

/// Handles one event.
///
/// # Errors
/// If the disk fails. Then no effect is released.
pub fn handle(node: &mut RaftNode, event: Event) -> io::Result<Vec<Effect>> {
    // Exercise 1.8: `dispatch` runs the event's row. Then follow, in this order: `advance_commit`,
    // `apply`, `serve_reads`, `deposed` (if a leadership has ended), `persist`.
    // Approach: `deposed` needs the leadership before the event, so it is remembered first. The
    // outbox is opened last: no other server may learn of a state that is not on disk.
    let mut out = Outbox::new();
    let rules = node.rules;
    let led_before = node.leads();
    dispatch(node, event, &mut out)?;
    (rules.advance_commit)(node, &mut out);
    (rules.apply)(node, &mut out);
    (rules.serve_reads)(node, &mut out);
    if led_before.is_some() && led_before != node.leads() {
        (rules.deposed)(node, &mut out);
    }
    (rules.persist)(node)?;
    Ok(out.into_effects())
}

/// Runs the row, or the function above, for `event`. Given.
///
/// # Errors
/// If the disk fails.
pub fn dispatch(node: &mut RaftNode, event: Event, out: &mut Outbox) -> io::Result<()> {
    let rules = node.rules;
    match event {
        Event::Start => {
            (rules.recover)(node)?;
            (rules.start)(node, out);
        }
        Event::Timeout(Timer::Election) => (rules.election_timeout)(node, out),
        Event::Timeout(Timer::Heartbeat) => (rules.heartbeat_timeout)(node, out),
        Event::Timeout(Timer::LeaderLease) => (rules.lease_timeout)(node, out),
        Event::Request { call, from, request } => {
            let reply = handle_request(node, from, &request, out);
            out.answer(call, from, reply);
        }
        Event::Reply { call, from, request, reply } => {
            handle_reply(node, call, from, &request, &reply, out);
        }
        Event::Client { id, request } => (rules.client_request)(node, id, request, out),
    }
    Ok(())
}
