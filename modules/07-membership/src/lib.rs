//! Module 7 (stretch): clusters whose members change (§6; dissertation, chapter 4).
//!
//! | file | exercise |
//! |---|---|
//! | `configuration.rs` | 7.1 the configuration in the log |
//! | `change.rs` | 7.2 one change at a time, and when a leader may begin one |
//! | `catch_up.rs` | 7.3 adding a server, in rounds |
//! | `removal.rs` | 7.4 removing a server, even the leader itself |
//! | `leader_lease.rs` | 7.5 ignoring candidates while a leader is heard |
//! | `check_quorum.rs` | 7.6 stepping down without a quorum |
//! | `own.scenario` | 7.7 your own scenario: a change of the configuration under failures |
//! | `hunt.scenario` | 7.8 (bonus) a bug hunt |
//! | `pre_vote.rs` | 7.9 (bonus) asking before an election |
//! | `transfer.rs` | 7.10 (bonus) handing leadership over |
//! | `taking_over.rs` | 7.11 (bonus) taking over, and how a transfer ends |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

pub mod catch_up;
pub mod change;
pub mod check_quorum;
pub mod configuration;
pub mod leader_lease;
pub mod pre_vote;
pub mod removal;
pub mod taking_over;
pub mod transfer;

pub use snapshots::{self, commitment, data_model, election, persistence, protocol, replication};

use data_model::Rules;

/// What this module adds to Figure 2; the rest comes from the module before it. This is the whole Raft.
pub const RULES: Rules = Rules {
    election_timeout: taking_over::election_timeout,
    elected: check_quorum::elected,
    deposed: taking_over::deposed,
    heartbeat_timeout: catch_up::heartbeat_timeout,
    append_entries: configuration::append_entries,
    follow: leader_lease::follow,
    append_entries_reply: transfer::append_entries_reply,
    client_request: transfer::client_request,
    advance_commit: removal::advance_commit,
    reply_received: check_quorum::reply_received,
    intercept_request: leader_lease::intercept_request,
    lease_timeout: leader_lease::lease_timeout,
    pre_vote: pre_vote::pre_vote,
    pre_vote_reply: pre_vote::pre_vote_reply,
    timeout_now: taking_over::timeout_now,
    ..snapshots::RULES
};
