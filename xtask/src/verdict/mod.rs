//! Verdicts, and the text that they belong to.
//!
//! A verdict is only as good as the text that it judged. So it is kept under the fingerprint of that text: of
//! the module, of all that the module builds on, and of what judges it. Once one letter of them changes, there
//! is no verdict until the checks have run again.

mod digest;
mod fingerprint;
mod judge_files;
mod store;

pub(crate) use fingerprint::{Fingerprint, Fingerprints};
pub use judge_files::{JUDGE_LIST, judge_list};
pub(crate) use store::{Known, Store};
