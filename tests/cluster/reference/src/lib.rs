//! The reference's servers, by the module after which a learner has them.

use cluster::server::Kind;
use membership::data_model::{RaftNode, Rules};
use open::{Habits, Server};

static MODULE_4: Rules = commitment::RULES;
static MODULE_5: Rules = persistence::RULES;
static MODULE_6: Rules = snapshots::RULES;
static MODULE_7: Rules = membership::RULES;

/// All of them: the modules' reference, and the server in another architecture.
pub const KINDS: [Kind; 5] = [
    Kind {
        name: "reference-4",
        durable: false,
        make: |setup| Box::new(RaftNode::new(setup, &MODULE_4)),
    },
    Kind {
        name: "reference-5",
        durable: true,
        make: |setup| Box::new(RaftNode::new(setup, &MODULE_5)),
    },
    Kind {
        name: "reference-6",
        durable: true,
        make: |setup| Box::new(RaftNode::new(setup, &MODULE_6)),
    },
    Kind {
        name: "reference",
        durable: true,
        make: |setup| Box::new(RaftNode::new(setup, &MODULE_7)),
    },
    Kind {
        name: "reference-open",
        durable: true,
        make: |setup| Box::new(Server::new(setup, Habits::default())),
    },
];

/// The kind with this name.
pub fn kind(name: &str) -> Option<Kind> {
    KINDS.into_iter().find(|kind| kind.name == name)
}
