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
    todo!("exercise 1.6")
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
    todo!("exercise 1.7")
}

/// Handles one event.
///
/// # Errors
/// If the disk fails. Then no effect is released.
pub fn handle(node: &mut RaftNode, event: Event) -> io::Result<Vec<Effect>> {
    // Exercise 1.8: `dispatch` runs the event's row. Then follow, in this order: `advance_commit`,
    // `apply`, `serve_reads`, `deposed` (if a leadership has ended), `persist`.
    todo!("exercise 1.8")
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
