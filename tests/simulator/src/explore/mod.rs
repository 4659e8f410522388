//! Exploration: every order of events, within bounds, from one point of a scripted run.
//!
//! The search is breadth-first, so the first violation that it finds is one of the shortest. To lose a message takes
//! no event: a message that stays in the network is lost. Servers do not crash; before module 5 that is no
//! restriction, since a server that never sends anything again may as well be down.
//!
//! A state is identified by its fingerprint: what the servers print (or their digests, which are quicker and must
//! tell as many states apart), the timers that run, the messages in the network as a multiset, what is left of the
//! bounds, and, if clients read, the order of their calls and results. Everything else is left out: the time, the
//! numbers of messages and events, what the invariants remember (but for acknowledgements), what disks hold, and the
//! servers' random generators, which print nothing of their state.
//!
//! | file | about |
//! |---|---|
//! | `bounds.rs` | what a search may do |
//! | `step.rs` | a step of a search, and which steps a state has |
//! | `digest.rs` | a fast hash of 64 bits |
//! | `identity.rs` | what identifies a server's state, without the numbers of calls |
//! | `history.rs` | what clients asked, and what they learned |
//! | `branch.rs` | a state of the search: its fingerprint, and the steps from it |
//! | `liveness.rs` | whether a leader can still be elected |
//! | `search.rs` | the search |
//! | `violation.rs` | what was found, and the way to it |

mod bounds;
mod branch;
mod digest;
mod history;
mod identity;
mod liveness;
mod search;
mod step;
mod violation;

pub use bounds::{Bounds, Live};
pub use search::{Exploration, Progress, explore};
pub use violation::{EndStep, Finding, Violation};
