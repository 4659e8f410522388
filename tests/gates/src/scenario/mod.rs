//! Scenarios: timelines in a small language, one file each, found at run time.
//!
//! The script alone decides which timer fires and which message arrives. After each block the
//! transcript shows the servers whose visible state has changed; it is compared with a snapshot beside
//! the script. The language is described in `docs/scenarios.md`, whose examples are run as tests.
//!
//! | file | about |
//! |---|---|
//! | `script.rs` | a script's text: header, blocks, lines |
//! | `words.rs` | the words of a command, and what is said of a wrong one |
//! | `runner.rs` | what each command does |
//! | `calls.rs` | `ask` and `reply`: messages made by the script |
//! | `disks.rs` | `crash`, `kill`, `fail`, `damage` |
//! | `expect.rs` | `expect` |
//! | `transcript.rs` | what is shown of the servers |
//! | `judge.rs` | a run against its snapshot |
//! | `retell.rs` | a run as a script |
//! | `crashes.rs` | a script with a crash at every point of every write |

mod calls;
mod crashes;
mod disks;
mod expect;
mod folder;
mod judge;
mod retell;
mod runner;
mod script;
mod transcript;
mod words;

pub use crashes::crash_points;
pub use folder::{Boots, checks};
pub use judge::{Run, run};
pub(crate) use retell::script;
pub use runner::COMMANDS;
pub use transcript::stopped;
pub(crate) use transcript::{story, told};
