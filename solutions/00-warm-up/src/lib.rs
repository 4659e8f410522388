//! Module 0, the warm-up: Figure 3 of the paper, written down so that it can be tested.
//!
//! Raft guarantees five properties, whatever its servers and its network do. Each is a function here: it
//! looks at an [`Execution`](protocol::execution::Execution), which is what a small cluster did, moment by
//! moment, and says `Ok(())` if the property holds, or shows in an `Err` where it does not.
//!
//! | file | exercise |
//! |---|---|
//! | `elections.rs` | 0.1 Election Safety |
//! | `logs.rs` | 0.2 Leader Append-Only, 0.3 Log Matching |
//! | `commitment.rs` | 0.4 State Machine Safety, 0.5 Leader Completeness; both may wait until module 4 |
//! | `votes.rs` | 0.6 A vote, and a majority |
//!
//! What an execution consists of is in `modules/protocol/src/execution.rs`, and the evidence of a breach
//! is beside it, in `execution/evidence.rs`: read the first before exercise 0.1.
//!
//! No later module builds on this one. But what you write here goes on working: it checks what your own
//! servers do, from module 2 on.

mod commitment;
mod elections;
mod logs;
mod votes;

pub use protocol;

pub use commitment::{leader_completeness, state_machine_safety};
pub use elections::election_safety;
pub use logs::{leader_append_only, log_matching};
pub use votes::{Voter, vote, wins};
