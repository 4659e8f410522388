//! Executions that the checks of a module have seen, for the predicates of module 0.

use std::fs;
use std::path::Path;

use protocol::execution::Execution;
use serde::{Deserialize, Serialize};
use simulator::{Property, Stop};

/// An execution, and the simulator's verdict on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedExecution {
    /// Its origin, in a few words.
    pub from: String,
    /// The property that its last event violated, if it did.
    pub breach: Option<Property>,
    /// What the servers did.
    pub execution: Execution,
}

impl RecordedExecution {
    /// Keeps what a run did. Returns `None` for a run that panicked, or that violated a property other than those of
    /// Figure 3: it is not an example of anything.
    pub(crate) fn of(from: String, execution: Execution, ended: Result<(), &Stop>) -> Option<Self> {
        let breach = match ended {
            Ok(()) => None,
            Err(Stop::Breach(breach)) => Some(breach.property),
            Err(_) => return None,
        };
        let is_of_figure_3 = matches!(
            breach,
            None | Some(
                Property::ElectionSafety
                    | Property::LeaderAppendOnly
                    | Property::LogMatching
                    | Property::StateMachineSafety
                    | Property::LeaderCompleteness
            )
        );
        is_of_figure_3.then_some(RecordedExecution { from, breach, execution })
    }

    /// Reads all files of executions in a folder.
    ///
    /// # Errors
    /// If one of them cannot be read; the message names it and says why.
    pub fn read(folder: &Path) -> Result<Vec<Self>, String> {
        let fail = |error| format!("cannot read {}: {error}", folder.display());
        let mut paths = Vec::new();
        for entry in fs::read_dir(folder).map_err(fail)? {
            paths.push(entry.map_err(fail)?.path());
        }
        paths.retain(|path| path.extension().is_some_and(|end| end == "jsonl"));
        paths.sort();
        let mut all = Vec::new();
        for path in paths {
            all.extend(Self::read_file(&path)?);
        }
        Ok(all)
    }

    /// Reads a file that [`RecordedExecution::write`] has written.
    ///
    /// # Errors
    /// If it cannot be read; the message says why.
    pub fn read_file(path: &Path) -> Result<Vec<Self>, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        let read = |(line, number): (&str, usize)| {
            serde_json::from_str(line)
                .map_err(|error| format!("{}, line {number}: {error}", path.display()))
        };
        text.lines().zip(1..).map(read).collect()
    }

    /// Writes executions into a file, one on each line.
    ///
    /// # Errors
    /// If that fails.
    pub fn write(all: &[Self], path: &Path) -> std::io::Result<()> {
        let mut text = String::new();
        for recorded in all {
            text += &serde_json::to_string(recorded).map_err(std::io::Error::other)?;
            text.push('\n');
        }
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        fs::write(path, text)
    }
}
