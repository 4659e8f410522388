//! What must hold after every event: Figure 3's five properties, and what they rest on.
//!
//! Only the server that handled the event is checked, against what was last seen of it and what is known of the whole
//! cluster. Its log is compared where the event may have touched it. In addition, every event audits one more entry,
//! in turn, so a change where none was expected is found too, a little later.
//!
//! | file | about |
//! |---|---|
//! | `breach.rs` | the properties, and a breach of one as a value |
//! | `seen.rs` | what was last seen of each server |
//! | `history.rs` | what was ever seen of the cluster |
//! | `observe.rs` | what is checked after an event, in which order; terms and votes |
//! | `acknowledged.rs` | entries that a majority has acknowledged |
//! | `conduct.rs` | how one event is handled |
//! | `elections.rs` `logs.rs` `commits.rs` `machines.rs` | the checks of each part of a server |

mod acknowledged;
mod breach;
mod commits;
mod conduct;
mod elections;
mod history;
mod logs;
mod machines;
mod observe;
mod seen;

pub(crate) use acknowledged::Acknowledged;
pub use breach::{Breach, Property};
pub use conduct::Conduct;
pub(crate) use conduct::{After, Before, FirstTimeouts, judge};
pub use history::Invariants;
pub(crate) use seen::{Changes, ObservedServer, position, slot};
