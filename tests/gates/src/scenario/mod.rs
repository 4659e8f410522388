//! Scenarios: timelines in a small language, one file each, found at run time.
//!
//! Only the script decides which timer fires and which message arrives. After each block the transcript shows
//! the servers whose visible state has changed; it is compared with a snapshot beside the script. The language
//! is described in `docs/scenarios.md`, whose examples are run as tests.
//!
//! | file | about |
//! |---|---|
//! | `script.rs` | a script's text: header, blocks, lines |
//! | `words.rs` | the words of a command, and the error for a wrong one |
//! | `runner.rs` | a script that is being run: its servers, and what was shown of them |
//! | `commands/` | what each command does |
//! | `run_script.rs` | runs a script's text |
//! | `transcript.rs` | what is shown of the servers |
//! | `lens.rs` | what a script shows of servers that do more than its exercise knows |
//! | `judge.rs` | a run against its snapshot |
//! | `snapshot.rs` | the snapshot beside a script |
//! | `evidence.rs` | what a script that failed has shown, block by block |
//! | `folder.rs` | the scenarios in a folder, each as a check |
//! | `story.rs` | what happened before a failure |
//! | `instructors.rs` | the scenarios that a course adds, and their faults |
//! | `likeness.rs` | whether one scenario is another one in disguise |
//! | `fold.rs` | a story without its repetitions |
//! | `retell.rs` | a run as a script |
//! | `explored.rs` | every order of events from one point of a script |
//! | `recorded.rs` | the recording of a run, for a page |
//! | `played.rs` | a script that somebody is playing with |
//! | `choices.rs` | what can be done next in it |
//! | `crashes.rs` | a script with a crash at every point of every write |

mod choices;
mod commands;
mod crashes;
mod evidence;
mod explored;
mod fold;
mod folder;
mod instructors;
mod judge;
mod lens;
mod likeness;
mod played;
mod recorded;
mod retell;
mod run_script;
mod runner;
mod script;
mod snapshot;
mod story;
mod transcript;
mod words;

pub use crate::factories::NodeFactories;
pub use commands::COMMANDS;
pub use crashes::{crash_points, crash_points_of_whole_servers};
pub use folder::{checks, needs_of, of_module, of_whole_servers};
pub(crate) use instructors::faults;
pub(crate) use judge::explored;
pub use judge::{Run, run};
pub(crate) use judge::{original_of, record, run_text, shortest_way};
pub(crate) use played::{Played, played};
pub(crate) use retell::script;
pub(crate) use script::shown;
pub(crate) use story::{end_of, story};
pub use transcript::stopped;
pub(crate) use transcript::told;
