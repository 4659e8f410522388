//! Servers as processes under random faults, with a verdict on what their clients saw.
//!
//! | module | about |
//! |---|---|
//! | `cli` | the command line |
//! | [`plan`] | the faults, drawn from a seed |
//! | `faults` | doing them to servers, and healing |
//! | `workload` | the clients |
//! | `watch` | which server leads |
//! | `run` | a whole run |
//! | [`history`] | what happened, as lines of JSON |
//! | `edn` | the same for Jepsen's tools |
//! | [`verdict`] | whether clients saw what one copy of the store could have shown them |
//! | `page` | the run as a page |

mod cli;
mod edn;
mod faults;
pub mod history;
mod page;
pub mod plan;
mod run;
pub mod verdict;
mod watch;
mod workload;

pub use cli::main;
pub use edn::edn;
pub use page::page;
