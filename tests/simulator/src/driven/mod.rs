//! Judges a driver: code outside the lab's own worlds that brings events to servers and carries out their effects.
//!
//! In the lab's worlds, every effect leaves at once, and a reply to an earlier life of a server is dropped. A
//! driver for real networks and disks does both itself, and it may do them wrong. [`Driven`] moves drivers by a
//! virtual clock, with faults drawn from a seed, and [`Watch`] checks the servers after every event and the
//! disks whenever something leaves.
//!
//! | file | about |
//! |---|---|
//! | `watch.rs` | what is checked |
//! | `batches.rs` | what belongs to which event of a batch |
//! | `faults.rs` | the faults and how frequent they are |
//! | `wrong.rs` | what can be wrong |
//! | `world.rs` | the world that moves drivers |

mod batches;
mod faults;
mod watch;
mod world;
mod wrong;

pub use faults::DriverFaults;
pub use watch::Watch;
pub use world::{Driven, DrivenOptions, Driver, Sent, Tally};
pub use wrong::Wrong;
