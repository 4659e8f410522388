//! Disks for servers under test: one that is simulated, and one that records what is asked of another.

mod recording;
mod simulated;

pub use recording::{Operation as DiskOperation, Recording};
pub(crate) use simulated::Step;
pub use simulated::{SimulatedDisk, Trouble};
