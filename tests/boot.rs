//! Makes a server of the module under test, in the state that a scenario gives.
//!
//! Included by each suite that runs servers; the suite says which crate `RaftNode` comes from:
//! `use super::subject::data_model as model;`.

use std::collections::BTreeMap;

use gates::protocol::{Node, Setup};
use gates::simulator::{Given, GivenRole};

use super::model::{RaftNode, Role, Rules};

/// A server with these rules, as given: new, or in the middle of its life.
pub(crate) fn boot(setup: Setup, given: Given, rules: &'static Rules) -> Box<dyn Node> {
    let mut node = RaftNode::new(setup, rules);
    if given != Given::default() {
        node.current_term = given.current_term;
        node.voted_for = given.voted_for;
        for entry in given.log {
            node.log.append(entry);
        }
        node.commit_index = given.commit_index;
        node.role = match given.role {
            GivenRole::Follower(leader) => Role::Follower { leader },
            GivenRole::Candidate(votes) => Role::Candidate { votes },
            GivenRole::Leader => Role::Leader { progress: BTreeMap::new() },
        };
    }
    Box::new(node)
}
