//! Module 2: leader election (§5.2), and which servers may become leader (§5.4.1).
//!
//! | file | exercise |
//! |---|---|
//! | `timeout.rs` | 2.1 the randomized election timeout |
//! | `vote.rs` | 2.2 whose log is more up to date, 2.3 granting a vote |
//! | `candidate.rs` | 2.4 counting votes and becoming leader, 2.5 starting an election |
//! | `leader.rs` | 2.6 heartbeats |
//! | `follower.rs` | 2.7 following the leader |
//! | `own.scenario` | 2.8 your own scenario |
//! | `hunt.scenario` | 2.9 (bonus) a bug hunt |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod candidate;
mod follower;
mod leader;
mod timeout;
mod vote;

pub use data_model::{self, protocol};

use data_model::Rules;

pub use candidate::{
    become_candidate, become_leader, become_leader_if_elected, campaign, election_timeout,
    request_vote_reply,
};
pub use follower::{append_entries, follow};
pub use leader::{elected, heartbeat_timeout, replicate_to, send_heartbeats};
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
    replicate_to,
    append_entries,
    follow,
    ..data_model::RULES
};
