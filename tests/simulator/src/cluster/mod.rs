//! The servers of a run: brings events to them, and checks them after each.
//!
//! | file | about |
//! |---|---|
//! | `initial.rs` | the state in which a server begins |
//! | `history.rs` | states that right servers can have reached |
//! | `servers.rs` | the servers, their disks, and what is known of them |
//! | `configurations.rs` | the configurations by which servers may count votes and copies |
//! | `handle.rs` | how a server handles an event, and what is checked afterwards |
//! | `record.rs` | what listens to a run: the trace, and a recorder |
//! | `fork.rs` | copies of a run |
//! | `durable.rs` | crashes, disks that fail, and what must survive them |
//! | `crash_points.rs` | the points of a run at which a crash could come |
//! | `crash_search.rs` | the search for them |

mod configurations;
mod crash_points;
mod crash_search;
mod durable;
mod fork;
mod handle;
mod history;
mod initial;
mod record;
mod servers;

pub(crate) use handle::{one_answer, touched};

pub use crash_points::{CrashPoint, CrashPoints};
pub use history::drawn_history;
pub use initial::{InitialRole, InitialState, NodeFactory};
pub use servers::Cluster;
