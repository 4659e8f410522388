//! Disks for servers under test: one that is simulated, and one that records what is asked of another.

mod recording;
mod simulated;
mod trouble;

pub use recording::{Operation as DiskOperation, Recording};
pub use simulated::SimulatedDisk;
pub(crate) use simulated::Step;
pub use trouble::Trouble;
