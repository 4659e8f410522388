//! Exercise 1.1: your own draft of the messages and roles. Nothing else imports this file; when the
//! draft passes, compare it with the given types in the `protocol` crate.
//!
//! The checks read a message from JSON, write it again and compare, for example
//! `{"RequestVote":{"term":2,"candidate_id":1,"last_log_index":5,"last_log_term":1}}`. Field names are
//! Figure 2's in Rust's case: `lastLogIndex` is `last_log_index`. Here, terms, indexes and ids may
//! all be `u64`, a command may be a `String`.

use serde::{Deserialize, Serialize};

// Exercise 1.1: the three roles that a server can be in (Figure 4).
/// What a server is at a given time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Role {}

// Exercise 1.1: an entry of the log, with the two things that Figure 2 says it contains.
/// One entry of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {}

// Exercise 1.1: the two RPCs of Figure 2, as four variants with named fields: the arguments are
// `RequestVote` and `AppendEntries`, the results `RequestVoteReply` and `AppendEntriesReply`.
/// A message between two servers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Message {}
