//! Module 5: what survives a crash (Figure 2, "persistent state on all servers").
//!
//! | file | exercise |
//! |---|---|
//! | `record.rs` | 5.1 what is durable, as the bytes of a record |
//! | `frame.rs` | 5.2 a frame: torn and damaged told apart |
//! | `read.rs` | 5.3 reading a log back |
//! | `save.rs` | 5.4 what changed, in one write and one sync |
//! | `recover.rs` | 5.5 a server from its disk |
//! | `persist.rs` | 5.6 a disk that fails |
//! | `own.scenario` | 5.7 your own scenario: crash and come back |
//! | `hunt.scenario` | 5.8 (bonus) a bug hunt |
//! | `storm.answer` | 5.9 (bonus) a storm that ends badly |

#![allow(unused)] // Stubs leave much unused; remove this line when you are done.

mod corrupt;
mod frame;
mod persist;
mod read;
mod record;
mod recover;
mod save;

pub use commitment::{self, data_model, election, protocol, replication};

use data_model::Rules;

pub use corrupt::corrupt;
pub use frame::{ParsedFrame, frame, next_frame};
pub use persist::{guard_disk, persist};
pub use read::read_records;
pub use record::{Record, VERSION, decode, encode};
pub use recover::{recover, replay};
pub use save::{LOG, note_saved, save, unsaved};

/// What this module adds to Figure 2; the rest comes from the module before it. A disk that fails
/// while a server recovers has failed, too.
pub const RULES: Rules =
    Rules { recover: |node| guard_disk(node, recover), persist, ..commitment::RULES };
