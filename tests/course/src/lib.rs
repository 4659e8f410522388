//! The course as data. The gates and the runner agree on what is here, so every format has one parser.
//! Learners never edit this crate.
//!
//! | file | about |
//! |---|---|
//! | `hints.rs` | the hints of an exercise |
//! | `id.rs` | `2.3`, the id of an exercise |
//! | `module.rs` | a module's `exercises.toml`: exercises and questions |
//! | `question.rs` | a question on a module |
//! | `selection.rs` | which exercise is due next, and which checks run |
//! | `report.rs` | what a check reports |
//! | `evidence.rs` | what a scenario that failed has shown |
//! | `event.rs` | what a gate tells its runner, one line of JSON per event |
//! | `source.rs` | items of a Rust file, the exercises they are marked with, and their lines |
//! | `layers.rs` | a row of the table of rules, followed through the modules |

mod error;
mod event;
mod evidence;
mod hints;
mod id;
pub mod layers;
mod module;
mod question;
mod report;
mod selection;
pub mod source;
pub mod text;

pub use error::Error;
pub use event::{GateEvent, SelectedCheck};
pub use evidence::{Evidence, EvidenceBlock};
pub use hints::{HINT_LEVELS, Hints};
pub use id::{ExerciseId, OPEN, OPEN_DIR};
pub use module::{Exercise, Module, module_dirs, read_module, read_modules, read_open};
pub use question::Question;
pub use report::{Outcome, Report, VERSION, check_name};
pub use selection::{Select, may_wait, next, next_in};

/// Where a learner reports a bug of the lab: the repository that `Cargo.toml` names, or else the page that
/// says how.
pub fn where_to_report() -> &'static str {
    match env!("CARGO_PKG_REPOSITORY") {
        "" => "see CONTRIBUTING.md",
        repository => repository,
    }
}
