//! What servers, network and tests share.
//!
//! A Raft server in this lab is *sans-IO*: it handles an [`Event`], changes its state, and returns what must be done
//! as a list of [`Effect`]s. It reads no clock, no socket and no global random generator. Its driver (the simulator,
//! a test, or a real network) carries out the effects and turns what happens into further events.
//!
//! ```text
//!              Event                        Effect
//!   timer fires ──┐                   ┌──▶ call another server
//!   request ──────┤   ┌───────────┐   ├──▶ answer a request
//!   reply ────────┼──▶│   Node    │───┼──▶ arm a timer
//!   client asks ──┘   └───────────┘   └──▶ answer a client
//! ```
//!
//! RPCs are calls, as in the paper: the caller numbers its calls, and a reply comes back with that
//! number *and the request that it answers*. Replies therefore hold the fields of Figure 2 alone.
//! Requests and replies can each be lost, delayed, duplicated and reordered.
//!
//! This crate is provided: you use it from the first module on, and never have to change it.

mod digest;
mod directory;
mod event;
pub mod execution;
mod ids;
mod key_value;
mod message;
mod node;
mod storage;

pub use bytes::Bytes;

pub use digest::StateDigest;
pub use directory::Directory;
pub use event::{ClientError, ClientRequest, Effect, Event, Timer};
pub use ids::{CallId, ClientId, Index, RequestId, ServerId, Term};
pub use key_value::KeyValue;
pub use message::{
    AppendEntries, AppendEntriesReply, Command, Conflict, Entry, InstallSnapshot,
    InstallSnapshotReply, Members, Payload, PreVote, PreVoteReply, Reply, Request, RequestVote,
    RequestVoteReply, Session, TimeoutNow, TimeoutNowReply,
};
pub use node::{Config, FollowerProgress, Internals, Node, RoleName, Setup, View, handle_each};
pub use storage::{Disk, NoDisk, StateMachine};
