//! Module 2: leader election (§5.2), and who may become leader (§5.4.1).
//!
//! | file | exercise |
//! |---|---|
//! | `timeout.rs` | 2.1 the randomized election timeout |
//! | `vote.rs` | 2.2 whose log is more up to date, 2.3 granting a vote |
//! | `candidate.rs` | 2.4 counting votes, 2.5 starting an election |
//! | `leader.rs` | 2.6 heartbeats, and following the leader |
//! | `own.scenario` | 2.7 your own scenario |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod candidate;
mod leader;
mod timeout;
mod vote;

pub use data_model::{self, protocol};

use data_model::Rules;

pub use candidate::{election_timeout, lead_with_majority, request_vote_reply};
pub use leader::{append_entries, elected, follow, heartbeat_timeout, replicate_to};
pub use timeout::{deposed, draw_election_timeout, reset_election_timer, start};
pub use vote::{is_up_to_date, request_vote};

/// What this module adds to Figure 2; the rest comes from the module before it.
pub const RULES: Rules = Rules {
    start,
    election_timeout,
    request_vote,
    request_vote_reply,
    elected,
    deposed,
    heartbeat_timeout,
    append_entries,
    replicate_to,
    ..data_model::RULES
};
