//! Module 6: logs that do not grow forever (§7).
//!
//! | file | exercise |
//! |---|---|
//! | `compaction.rs` | 6.1 a log whose beginning is gone |
//! | `snapshot.rs` | 6.2 taking a snapshot |
//! | `saving.rs` | 6.3 saving it |
//! | `recovery.rs` | 6.4 coming back from snapshot and log |
//! | `sending.rs` | 6.5 sending a snapshot in chunks |
//! | `receiving.rs` | 6.6 receiving the chunks |
//! | `install.rs` | 6.7 installing what was received |
//! | `own.scenario` | 6.8 your own scenario |
//! | `hunt.scenario` | 6.9 (bonus) a bug hunt |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

pub mod compaction;
pub mod install;
pub mod receiving;
pub mod recovery;
pub mod saving;
pub mod sending;
pub mod snapshot;

pub use persistence::{self, commitment, data_model, election, protocol, replication};

use data_model::Rules;

/// What this module adds to Figure 2; the rest comes from the module before it.
pub const RULES: Rules = Rules {
    elected: sending::elected,
    heartbeat_timeout: sending::heartbeat_timeout,
    replicate_to: sending::replicate_to,
    append_entries: compaction::append_entries,
    recover: |node| persistence::guard_disk(node, recovery::recover),
    persist: saving::persist,
    install_snapshot: install::install_snapshot,
    install_snapshot_reply: sending::install_snapshot_reply,
    ..persistence::RULES
};
