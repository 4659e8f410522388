//! Exercise 5.8: the bugs that a learner hunts. Each is one wrong row over the learner's own table.

use gates::hunt::HuntedBug;

use std::io;

use super::RULES;
use super::model::{RaftNode, Role, Rules};

pub(super) static BUGS: [HuntedBug<Rules>; 3] = [
    HuntedBug {
        rules: &VOTES_ONLY,
        was: "A new term was put on disk only together with a vote. After a crash the server was back in an older term, \
              and followed a leader that it had rejected before.",
    },
    HuntedBug {
        rules: &AMBITIOUS,
        was: "A server that had been candidate or leader came back as a candidate of the same term, and not as a follower \
              (§5.2). It knew only its own vote, waited for replies that would never arrive, and did not follow.",
    },
    HuntedBug {
        rules: &STRICT,
        was: "A torn record at the end of the log kept the server from starting. Nothing was lost, but after a power \
              cut somebody would have had to repair server after server by hand.",
    },
];

static VOTES_ONLY: Rules = Rules { recover: without_bare_terms, ..RULES };
static AMBITIOUS: Rules = Rules { recover: as_candidate, ..RULES };
static STRICT: Rules = Rules { recover: refuse_torn_ends, ..RULES };

fn without_bare_terms(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    if node.voted_for.is_none() {
        node.current_term = node.log.last_term();
    }
    Ok(())
}

fn as_candidate(node: &mut RaftNode) -> io::Result<()> {
    (RULES.recover)(node)?;
    if node.voted_for == Some(node.id) {
        node.role = Role::Candidate { votes: [node.id].into() };
    }
    Ok(())
}

fn refuse_torn_ends(node: &mut RaftNode) -> io::Result<()> {
    let before = node.disk.read(super::subject::LOG)?;
    (RULES.recover)(node)?;
    let after = node.disk.read(super::subject::LOG)?;
    if after == before {
        Ok(())
    } else {
        Err(io::Error::other("the log ends in the middle of a record"))
    }
}
