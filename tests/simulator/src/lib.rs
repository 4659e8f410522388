//! The deterministic world of the lab.
//!
//! A [`Cluster`] holds the servers and brings every event to them. After each event it checks the server that
//! handled it against Figure 3 ([`Property`]). A [`Trace`] lists what happened. Two worlds drive a cluster:
//!
//! - [`Scripted`]: nothing happens but what the script says. Messages stay in the network until the script
//!   delivers or loses them; timers fire when the script says so.
//! - [`Timed`]: a virtual clock drives everything. Delays, losses, duplicates, partitions and crashes are
//!   drawn from a seed, and so is how many of each there are ([`Faults`]).
//!
//! A driver of servers that is not of this crate is judged too: [`Driven`] moves drivers, and [`Watch`] checks
//! their servers.
//!
//! Everything runs on one thread, and nothing depends on the machine: the same seed gives the same
//! run, event for event. The crate knows servers only as [`protocol::Node`].

mod actions;
mod agenda;
mod clients;
mod cluster;
mod disk;
mod driven;
mod execution;
mod explore;
mod guard;
mod in_flight;
mod invariants;
mod linearizability;
mod message;
mod network;
mod play;
mod promises;
mod recording;
mod script_error;
mod scripted;
mod selector;
mod shrink;
mod stop;
mod timed;
mod trace;
mod without_log;
mod world;

pub use actions::{Action, MessageRef};
pub use clients::Workload;
pub use cluster::{
    Cluster, CrashPoint, CrashPoints, InitialRole, InitialState, NodeFactory, drawn_history,
};
pub use disk::{DiskOperation, RecordingDisk, SimulatedDisk, Trouble};
pub use driven::{Driven, DrivenOptions, Driver, DriverFaults, Sent, Tally, Watch, Wrong};
pub use execution::execution;
pub use explore::{Bounds, EndStep, Exploration, Finding, Live, Progress, Violation, explore};
pub use guard::{CaughtPanic, guarded, guarded_with_calls};
pub use invariants::{Breach, Conduct, Invariants, Property};
pub use linearizability::{
    Access, Contradiction, Linearizability, Operation, RegisterOperation, linearizability,
    linearizability_by, registers,
};
pub use message::{Body, ClientAnswer, EventSummary, Kind, Message, MessageId};
pub use network::{Faults, Links};
pub use play::{
    Choice, Choices, CommandOutcome, MessageChoices, PLAY_VERSION, PlayAnswer, PlayFault,
    PlayRequest, RECORD, ServerChoices,
};
pub use recording::{
    Block, Columns, CommandLine, End, FATES, Heading, KINDS, LIGHTS, Moment, Outcome, Recorder,
    RecorderOptions, Recording, Source, VERSION as RECORDING_VERSION, cut_links, fault, flatten,
    flatten_text, handled, light, lost,
};
pub use script_error::ScriptError;
pub use scripted::{MessageAct, Scripted};
pub use selector::Selector;
pub use shrink::{ShortRun, WorldFactory, shrink};
pub use stop::Stop;
pub use timed::{Outside, Timed, TimedOptions};
pub use trace::{LossReason, Trace, TraceEvent, TraceRecord, hash};
