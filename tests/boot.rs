//! Makes servers of the module under test, in the states that scenarios give them.
//!
//! Included by each suite that runs servers. The suite says which crate `RaftNode` comes from:
//! `use super::subject::data_model as model;`.

use std::sync::Arc;

use gates::protocol::{Index, Node, Payload, Setup, Term};
use gates::simulator::{InitialRole, InitialState, NodeFactory};

use super::model::{Log, Progress, RaftNode, Role, Rules};

/// Makes servers with these rules, each in its given state.
pub(crate) fn servers_with(rules: &'static Rules) -> NodeFactory {
    Arc::new(move |setup, given| boot(setup, given, rules))
}

/// A server with these rules in the given state: new, or in the middle of its life.
fn boot(setup: Setup, given: InitialState, rules: &'static Rules) -> Box<dyn Node> {
    let mut node = RaftNode::new(setup, rules);
    if given != InitialState::default() {
        node.current_term = given.current_term;
        node.voted_for = given.voted_for;
        node.log = Log::with_base(Index(0), Term(0), given.log);
        node.commit_index = given.commit_index;
        node.role = match given.role {
            InitialRole::Follower(leader) => Role::Follower { leader },
            InitialRole::Candidate(votes) => Role::Candidate { votes },
            InitialRole::Leader => just_elected(&node),
        };
        // From module 5 on, the given state is on disk too, so a crash does not take it away.
        (rules.persist)(&mut node).expect("a new disk does not fail");
    }
    Box::new(node)
}

/// A leader that knows nothing of its followers yet, as leaders begin in Figure 2. Its followers are those of
/// the latest configuration in its log (§6).
fn just_elected(node: &RaftNode) -> Role {
    let next_index = node.log.last_index().next();
    let unknown = Progress { next_index, match_index: Index(0) };
    let configuration = node.log.entries().iter().rev().find_map(|entry| match &entry.payload {
        Payload::Members(members) => Some(members),
        _ => None,
    });
    let members = configuration.unwrap_or(&node.members);
    let peers = members.iter().copied().filter(|&peer| peer != node.id);
    Role::Leader { progress: peers.map(|peer| (peer, unknown)).collect() }
}
