//! A server that counts votes of older terms. The event loop drops them before any row sees them, so this one changes
//! the request that they answer.

use std::io;
use std::sync::Arc;

use data_model::{RaftNode, Rules};
use membership::protocol::{
    Disk, Effect, Entry, Event, Index, Members, Node, Reply, Request, RequestVote, RoleName,
    ServerId, StateMachine, Term,
};
use simulator::NodeFactory;

/// Servers with these rules that count every vote that arrives.
pub(crate) fn counting_late_votes(rules: &'static Rules) -> NodeFactory {
    Arc::new(move |setup, _| Box::new(CountsLateVotes(Box::new(RaftNode::new(setup, rules)))))
}

#[derive(Debug)]
struct CountsLateVotes(Box<dyn Node>);

impl Node for CountsLateVotes {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        let event = match event {
            Event::Reply { call, from, request: Request::RequestVote(asked), reply } => {
                let term = match reply {
                    Reply::RequestVote(r) if r.vote_granted => self.0.current_term(),
                    _ => asked.term,
                };
                let request = Request::RequestVote(RequestVote { term, ..asked });
                Event::Reply { call, from, request, reply }
            }
            other => other,
        };
        self.0.handle(event)
    }
    fn role(&self) -> RoleName {
        self.0.role()
    }
    fn current_term(&self) -> Term {
        self.0.current_term()
    }
    fn voted_for(&self) -> Option<ServerId> {
        self.0.voted_for()
    }
    fn base(&self) -> (Index, Term) {
        self.0.base()
    }
    fn last_index(&self) -> Index {
        self.0.last_index()
    }
    fn entry(&self, index: Index) -> Option<&Entry> {
        self.0.entry(index)
    }
    fn commit_index(&self) -> Index {
        self.0.commit_index()
    }
    fn last_applied(&self) -> Index {
        self.0.last_applied()
    }
    fn members(&self) -> &Members {
        self.0.members()
    }
    fn machine(&self) -> &dyn StateMachine {
        self.0.machine()
    }
    fn fork(&self, disk: Box<dyn Disk>, machine: Box<dyn StateMachine>) -> Option<Box<dyn Node>> {
        Some(Box::new(CountsLateVotes(self.0.fork(disk, machine)?)))
    }
}
