//! The commands of the language.
//!
//! | file | about |
//! |---|---|
//! | `table.rs` | all commands, each with its usage and its function |
//! | `beginning.rs` | `cluster`, `config`, `given` |
//! | `timers.rs` | `timeout`, `heartbeat`, `lease`, `settle` |
//! | `messages.rs` | `deliver`, `lose`, `hold`, `release`, `duplicate` |
//! | `links.rs` | `partition`, `cut`, `heal` |
//! | `clients.rs` | `client`, `query`, `change`, `transfer` |
//! | `disks.rs` | `crash`, `kill`, `fail`, `damage`, `restart` |
//! | `calls.rs` | `ask`, `reply`: messages made by the script |
//! | `explore.rs` | `explore` |
//! | `expect.rs` | `expect`, `show`, `todo` |

mod beginning;
mod calls;
mod clients;
mod disks;
mod expect;
mod explore;
mod links;
mod messages;
mod table;
mod timers;

pub use table::COMMANDS;
pub(crate) use table::run;
