//! A server that counts votes of older terms. The event loop drops them before any row sees them, so this one changes
//! the request that they answer.

use std::sync::Arc;

use bugs::Around;
use data_model::{RaftNode, Rules};
use membership::protocol::{Event, Node, Reply, Request, RequestVote};
use simulator::NodeFactory;

/// Servers with these rules that count every vote that arrives.
pub(crate) fn counting_late_votes(rules: &'static Rules) -> NodeFactory {
    Arc::new(move |setup, _| Around::hearing(Box::new(RaftNode::new(setup, rules)), as_if_in_time))
}

fn as_if_in_time(server: &dyn Node, event: Event) -> Event {
    match event {
        Event::Reply { call, from, request: Request::RequestVote(asked), reply } => {
            let term = match reply {
                Reply::RequestVote(r) if r.vote_granted => server.current_term(),
                _ => asked.term,
            };
            let request = Request::RequestVote(RequestVote { term, ..asked });
            Event::Reply { call, from, request, reply }
        }
        other => other,
    }
}
