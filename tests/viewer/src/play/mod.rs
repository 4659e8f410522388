//! `viewer play ORDER.json`: a world of the learner's servers that somebody moves, on a page or at a prompt. `cargo
//! xtask play` starts it.
//!
//! ```text
//! page ──HTTP, 127.0.0.1──▶ server ─┐
//!                                   ├─▶ session ──lines, JSON──▶ gate (the learner's code)
//! prompt ──lines──────────▶ terminal┘        └──words──▶ xtask (builds the gate)
//! ```
//!
//! The learner's code runs in the gate, which is another process: when a server panics or never ends a step, the
//! session starts a new gate and runs the script again.
//!
//! | file | about |
//! |---|---|
//! | `order.rs` | what will be played |
//! | `builder.rs` | the gate, built from the learner's sources as they are now |
//! | `gate.rs` | the gate's process |
//! | `output.rs` | what a gate's process writes: answers, and what the learner's code prints |
//! | `session.rs` | the script, and what is done with it |
//! | `rerun.rs` | runs a script that may not end, on a new gate |
//! | `state.rs` | the session as the page shows it |
//! | `differences.rs` | what differs between two runs of a script |
//! | `saved.rs` | a script as a file |
//! | `terminal.rs` | the prompt |
//!
//! `served/` holds the page. It knows the session, and the session knows nothing of it.

mod builder;
mod differences;
mod gate;
mod order;
mod output;
mod rerun;
mod saved;
mod session;
mod state;
mod terminal;

pub use builder::Built;
pub use order::Order;
pub use session::Session;
pub use state::State;
pub use terminal::Terminal;
