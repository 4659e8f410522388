//! Disks for servers under test: a simulated one, and one that records the operations on another.

mod recorded_write;
mod recording;
mod simulated;
mod trouble;

pub(crate) use recorded_write::RecordedWrite;
pub use recording::{Operation as DiskOperation, RecordingDisk};
pub use simulated::SimulatedDisk;
pub use trouble::Trouble;
