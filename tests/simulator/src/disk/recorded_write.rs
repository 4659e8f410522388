//! A write to a simulated disk, kept so that a crash inside it can be tried.

use std::collections::BTreeMap;

/// A write, and the files as a crash before it would have left them.
#[derive(Clone, Debug)]
pub(crate) struct RecordedWrite {
    /// Its number among the writes of this disk, from 0.
    pub(crate) number: u64,
    /// The files before it, including what was written and not synced: a crash may leave all of that.
    pub(super) before: BTreeMap<String, Vec<u8>>,
    pub(super) file: String,
    pub(super) bytes: Vec<u8>,
    /// Whether it replaces the file instead of appending to it.
    pub(super) replaces: bool,
}

impl RecordedWrite {
    /// The number of points at which a crash could come: before each byte and after the last. A replace is
    /// atomic, so there are two.
    pub(crate) fn points(&self) -> usize {
        if self.replaces { 2 } else { self.bytes.len() + 1 }
    }

    /// How many of its bytes reach the disk if the crash comes at this point.
    pub(crate) fn torn(&self, point: usize) -> usize {
        if self.replaces && point > 0 { self.bytes.len() } else { point }
    }

    /// The files as a crash at this point leaves them.
    pub(crate) fn files_after(&self, point: usize) -> BTreeMap<String, Vec<u8>> {
        let mut files = self.before.clone();
        let content = files.entry(self.file.clone()).or_default();
        match (self.replaces, point) {
            (true, 0) => {}
            (true, _) => content.clone_from(&self.bytes),
            (false, _) => content.extend_from_slice(&self.bytes[..point]),
        }
        files
    }
}
