//! A run as data, for a page on which it can be stepped through.
//!
//! A [`Recorder`] listens to a [`Cluster`](crate::Cluster) while it runs, and looks at each server right after the
//! server has handled an event: before the invariants judge it, so that the evidence of a breach is part of the
//! recording. What it has noted becomes a [`Recording`]: columns of numbers, and a table of texts. Nothing in it is
//! markup or code.
//!
//! | file | about |
//! |---|---|
//! | `format.rs` | the recording: what each column means |
//! | `deltas.rs` | columns that grow, written as differences |
//! | `texts.rs` | the table of texts |
//! | `words.rs` | events and messages in words, in full and in short |
//! | `links.rs` | links that are cut, in words |
//! | `flatten.rs` | what a server prints of itself (`Debug`), as paths and values |
//! | `servers.rs` | what the recorder last saw of each server |
//! | `recorder.rs` | the recorder: what it receives, step by step |
//! | `messages.rs` | messages and what becomes of them |
//! | `observe.rs` | what the recorder notes of a server after its event |
//! | `promised.rs` | what servers have told others |
//! | `moments.rs` | the moments of a run that contradict each other |
//! | `without_inspection.rs` | a recording that is small enough to be kept |
//! | `read.rs` | a recording from a file, and why one cannot be read |

mod deltas;
mod flatten;
mod format;
mod links;
mod messages;
mod moments;
mod observe;
mod promised;
mod read;
mod recorder;
mod servers;
mod texts;
mod without_inspection;
mod words;

pub use flatten::{flatten, flatten_text};
pub use format::{
    Block, Columns, CommandLine, End, FATES, KINDS, LIGHTS, Moment, Outcome, Recording, Source,
    VERSION,
};
pub use links::links as cut_links;
pub use moments::light;
pub(crate) use recorder::{Copy, LossPlace};
pub use recorder::{Heading, Recorder, RecorderOptions};
pub use words::{fault, handled, lost};
