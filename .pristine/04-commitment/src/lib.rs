//! Module 4: what is committed, and how clients are answered (§5.4, §8).
//!
//! | file | exercise |
//! |---|---|
//! | `commit.rs` | 4.1 does a majority hold it, 4.2 what a leader may commit, 4.3 the follower's commit index |
//! | `apply.rs` | 4.4 applying in order, once |
//! | `clients.rs` | 4.5 the client's answer; 4.6 redirect, and a clear end for those who wait |
//! | `own.scenario` | 4.7 your own scenario: Figure 8 |
//! | `leader.rs` | 4.8 the leader's first entry |
//! | `sessions.rs` | 4.9 (bonus) exactly once |
//! | `reads.rs` | 4.10 (bonus) linearizable reads without writing to the log |
//! | `batches.rs` | 4.11 (bonus) batching and pipelining |
//! | `counting.proof` | 4.12 a proof with a gap |
//! | `hunt.scenario` | 4.13 (bonus) a bug hunt |
//! | `explored.scenario` | 4.14 (bonus) the shortest way to a mistake |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod apply;
mod batches;
mod clients;
mod commit;
mod leader;
mod reads;
mod sessions;

pub use replication::{self, data_model, election, protocol};

use data_model::Rules;

pub use apply::apply_next;
pub use batches::{end_batch, fall_back, handle_all};
pub use clients::{accept, apply, client_request, deposed};
pub use commit::{advance_commit, append_entries, majority_holds};
pub use leader::elected;
pub use reads::{read, reply_received, serve_reads};
pub use sessions::{answer_without_executing, open_session, register, remember};

/// What this module adds to Figure 2; the rest comes from the module before it.
pub const RULES: Rules = Rules {
    elected,
    deposed,
    append_entries,
    client_request,
    advance_commit,
    apply,
    reply_received,
    serve_reads,
    handle_all,
    ..replication::RULES
};
