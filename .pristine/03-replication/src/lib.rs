//! Module 3: log replication (§5.3).
//!
//! | file | exercise |
//! |---|---|
//! | `log.rs` | 3.1 changing the log |
//! | `send.rs` | 3.2 what a follower is sent |
//! | `receive.rs` | 3.3 the consistency check, 3.4 merging, 3.5 AppendEntries, assembled |
//! | `replies.rs` | 3.6 what a reply tells the leader |
//! | `commands.rs` | 3.7 a client's command enters the log |
//! | `own.scenario` | 3.8 your own scenario |
//! | `hint.rs` | 3.9 (bonus) stepping back by terms |
//! | `log_matching.proof` | 3.10 a proof of Log Matching |
//! | `hunt.scenario` | 3.11 (bonus) a bug hunt |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod commands;
mod hint;
mod log;
mod receive;
mod replies;
mod send;

pub use election::{self, data_model, protocol};

use data_model::Rules;

pub use commands::client_request;
pub use hint::{conflict_hint, next_index_by_hint};
pub use log::LogEdit;
pub use receive::{agrees, append_entries, merge};
pub use replies::append_entries_reply;
pub use send::{entries_to_send, replicate_to};

/// What this module adds to Figure 2; the rest comes from the module before it.
pub const RULES: Rules =
    Rules { append_entries, append_entries_reply, replicate_to, client_request, ..election::RULES };
