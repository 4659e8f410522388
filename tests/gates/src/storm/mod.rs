//! Storms: many timed runs with faults drawn from seeds, in which safety must hold after every event. Progress must
//! be made while a quorum is up and connected and the rest is not, and again once the network has healed.
//!
//! | file | about |
//! |---|---|
//! | `goal.rs` | what a storm consists of, and what must happen in it |
//! | `setup.rs` | what is drawn for a storm |
//! | `run.rs` | runs storms |
//! | `stretch.rs` | what must happen while only a quorum is up and connected |
//! | `calm.rs` | what must happen once the network has healed |
//! | `end.rs` | what the learner reads about a storm that ended badly |
//! | `directed.rs` | faults that are each made for one mistake |
//! | `batches.rs` | servers that receive several events at a time |
//! | `long.rs` | one long storm |
//! | `replay.rs` | the recording of a storm, for a page |
//! | `recording.rs` | short storms, recorded for module 0 |

mod batches;
mod calm;
mod directed;
mod end;
mod goal;
mod long;
mod recording;
mod replay;
mod run;
mod setup;
mod stretch;

pub use batches::batches;
pub use directed::{hopeless_candidate, old_leader};
pub use goal::Goal;
pub use long::{StormReport, long_storm};
pub use recording::record_storm;
pub(crate) use run::number_in;
pub use run::{storms, storms_of, storms_of_new_servers};
