//! Module 6: logs that do not grow for ever (§7), and clusters whose members change (§6).
//!
//! | file | exercise |
//! |---|---|
//! | `compaction.rs` | 6.1 a log whose beginning is gone |
//! | `snapshot.rs` | 6.2 when to take a snapshot, what is in it, and saving it |
//! | `recovery.rs` | 6.3 coming back from snapshot and log |
//! | `sending.rs` | 6.4 sending a snapshot in chunks |
//! | `receiving.rs` | 6.5 receiving the chunks |
//! | `install.rs` | 6.6 installing what was received |
//! | `configuration.rs` | 6.7 the configuration in the log |
//! | `change.rs` | 6.8 adding and removing one server |
//! | `disruption.rs` | 6.9 disregarding candidates while a leader is heard |
//! | `own.scenario` | 6.10 your own scenario: a change of members under failure |
//! | `pre_vote.rs` | 6.11 (bonus) asking before an election |
//! | `transfer.rs` | 6.12 (bonus) handing leadership over |
//!
//! There are two tables: [`SNAPSHOTS`], over module 5's, is what exercises 6.1 to 6.6 make;
//! [`RULES`], over it, is the whole Raft.

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

pub mod change;
pub mod compaction;
pub mod configuration;
pub mod disruption;
pub mod install;
pub mod pre_vote;
pub mod receiving;
pub mod recovery;
pub mod sending;
pub mod snapshot;
pub mod transfer;

pub use persistence::{self, commitment, data_model, election, protocol, replication};

use data_model::{LateRules, Rules};

/// What snapshots add to Figure 2; the rest comes from the module before this one.
pub const SNAPSHOTS: Rules = Rules {
    recover: |node| persistence::unless_failed(node, recovery::recover),
    append_entries: compaction::append_entries,
    replicate_to: sending::replicate_to,
    persist: snapshot::persist,
    install_snapshot: install::install_snapshot,
    install_snapshot_reply: sending::install_snapshot_reply,
    ..persistence::RULES
};

/// What changes of members add to that.
pub const RULES: Rules = Rules {
    election_timeout: transfer::election_timeout,
    deposed: transfer::deposed,
    heartbeat_timeout: change::heartbeat_timeout,
    append_entries: disruption::append_entries,
    append_entries_reply: transfer::append_entries_reply,
    client_request: transfer::client_request,
    advance_commit: change::advance_commit,
    install_snapshot: disruption::install_snapshot,
    late: LateRules {
        before_term: disruption::before_term,
        quiet_timeout: disruption::quiet_timeout,
        pre_vote: pre_vote::pre_vote,
        pre_vote_reply: pre_vote::pre_vote_reply,
        timeout_now: transfer::timeout_now,
        ..SNAPSHOTS.late
    },
    ..SNAPSHOTS
};
