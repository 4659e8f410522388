//! The whole of Raft in another architecture.
//!
//! The modules build one server row by row, as a table of rules over one large state. This crate shows that
//! the same algorithm also looks quite different: **each role is a type** that owns what only that role has,
//! and Figure 4's transitions consume one and return another. What a server has in every role is [`Raft`].
//! The log begins with a sentinel, so that every entry has a predecessor. The disk holds the whole state,
//! which is replaced and never appended to.
//!
//! | file | about |
//! |---|---|
//! | `server.rs` | a server: what happens at each event (Figure 2, "Rules for Servers") |
//! | `role.rs` | the roles and the transitions between them (Figure 4) |
//! | `follower.rs` | receiving entries and snapshots (§5.3, Figure 13) |
//! | `voting.rs` | granting votes (Figure 2, RequestVote) |
//! | `candidate.rs` | asking for votes and counting them (§5.2; dissertation §9.6) |
//! | `leader.rs` | replicating and committing (§5.3, §5.4) |
//! | `progress.rs` | one follower, as its leader knows it |
//! | `clients.rs` | the requests that wait at a leader (§8) |
//! | `change.rs` | changing the configuration (§6; dissertation §4) |
//! | `transfer.rs` | handing leadership over (dissertation §3.10) |
//! | `raft.rs` | what a server has in every role |
//! | `log.rs` | the log and its sentinel |
//! | `snapshot.rs` | a snapshot, and one that is arriving (§7) |
//! | `applied.rs` | the state machine and the clients' sessions (§8) |
//! | `storage.rs` | what survives a crash |
//! | `habits.rs` | what a right server may do in one way or another |
//! | `features.rs` | what the operator of a cluster switches on |

pub mod applied;
pub mod candidate;
pub mod change;
pub mod clients;
pub mod features;
pub mod follower;
pub mod habits;
pub mod leader;
pub mod log;
pub mod progress;
pub mod raft;
pub mod role;
pub mod server;
pub mod snapshot;
pub mod storage;
pub mod transfer;
pub mod voting;

pub use candidate::{Candidate, PreCandidate};
pub use features::{Features, server};
pub use follower::Follower;
pub use habits::{Flow, Habits, Hints, Reads};
pub use leader::Leader;
pub use log::Log;
pub use raft::Raft;
pub use role::Role;
pub use server::Server;
pub use storage::Ballot;
