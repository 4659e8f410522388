//! How a term comes to have one leader at most: a vote, and a majority. No server has a log here.

use protocol::{ServerId, Term};

/// What a server remembers about elections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Voter {
    /// The latest term that the server has seen.
    pub current_term: Term,
    /// The candidate that has the server's vote in this term.
    pub voted_for: Option<ServerId>,
}

/// A server's answer to `candidate`, which asks for its vote in `term`: whether the vote is granted (§5.2).
pub fn vote(voter: &mut Voter, candidate: ServerId, term: Term) -> bool {
    // Exercise 0.6: Figure 2, RequestVote RPC, receiver implementation, and Rules for Servers, All Servers. Logs
    // are empty here and decide nothing. Afterwards, `voter` is what the server remembers.
    // Approach: the term first, since a newer one makes the earlier vote void. Then a free vote, or one
    // that this candidate has already: its first request may have been answered by a reply that got lost.
    if term < voter.current_term {
        return false;
    }
    if term > voter.current_term {
        *voter = Voter { current_term: term, voted_for: None };
    }
    let is_granted = voter.voted_for.is_none_or(|other| other == candidate);
    if is_granted {
        voter.voted_for = Some(candidate);
    }
    is_granted
}

/// Whether a candidate leads that has the votes of this many servers, its own included, in a cluster of `servers` (§5.2).
pub fn wins(votes: usize, servers: usize) -> bool {
    // Exercise 0.6: Figure 2, Rules for Servers, Candidates.
    // Approach: two groups of this size always have a server in common, and it votes once.
    votes > servers / 2
}
