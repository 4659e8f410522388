//! The records by which the process of a check reports to its parent, on its standard output among whatever the
//! subject's code prints there.

use std::io::{self, Write as _};

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::assignment::Nonce;

/// Opens a record. The nonce follows, then the record as JSON; a line feed closes it.
pub(crate) const MARK: u8 = 0x1e;

/// A report of the child to the parent.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Record {
    /// The check is about to do this.
    Step(String),
    /// The check is over.
    Over(Box<CheckEnd>),
}

/// How a check ended.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct CheckEnd {
    /// The failure, if it did not pass.
    pub(crate) failure: Option<Failure>,
    /// A transcript for the learner.
    pub(crate) show: Option<String>,
    /// Files for the learner. The parent writes them: the process of a check may not.
    pub(crate) files: Vec<LeftFile>,
}

/// A file for the learner.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LeftFile {
    /// Its path from the root of the workspace.
    pub(crate) path: String,
    /// Its content.
    pub(crate) text: String,
}

impl Record {
    /// Sends the record to the parent.
    pub(crate) fn send(&self, nonce: &Nonce) {
        let Ok(json) = serde_json::to_string(self) else { return };
        let mut out = io::stdout().lock();
        // If the parent is gone, no one reads the report.
        let _ = out.write_all(&[MARK]);
        let _ = out.write_all(nonce.as_bytes());
        let _ = writeln!(out, "{json}");
        let _ = out.flush();
    }
}
