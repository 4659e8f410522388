//! The driver of a server, without input and output: it hears what has arrived, and says what must leave.
//!
//! ```text
//! inbox ──▶ batch ──▶ node ──▶ effects, held back ──▶ flush ──▶ what leaves
//!             ▲                      │
//!             └──── timers ◀─────────┘
//! ```
//!
//! A turn handles everything that has arrived, up to a limit, as one batch. It holds back all effects, makes
//! durable whatever the batch has written with a single fsync ([`GroupDisk`]), and only then lets the effects
//! out. For everyone else it is as if all messages had been a little later, and a crash in between is a crash
//! before any of them arrived.
//!
//! The node is handed the events of a batch together ([`handle_all`](protocol::Node::handle_all)), so that it can
//! replicate once for all of them (module 4, bonus 4.11). In some places the batch is cut: where the driver must know
//! what has come of the events before it goes on.
//!
//! The fsync is synchronous. On a thread of its own it would let the node go on, and a leader counts its own
//! entry for a quorum whether or not it is on disk: the entry could be committed by a single other server.
//!
//! The driver of the core tells it the time, and calls [`Core::turn`] when something has arrived or
//! [`Core::wake_at`] has come.

mod batch;
mod clients;
mod coalesce;
mod driver;
mod pending;
mod protections;
mod types;

pub use driver::Core;
pub use protections::Protections;
pub use types::{
    Answer, Batches, ConnectionId, Identity, Input, Limits, Output, Question, Status, Stopped,
};
