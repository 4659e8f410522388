//! What a gate tells its runner while it judges: one line of JSON per event on its standard output.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::id::ExerciseId;
use crate::report::Report;

/// One event of a gate's run. Each run begins with [`GateEvent::Selected`] and ends with [`GateEvent::Ended`];
/// if the latter is missing, the gate itself has died. The format has the version of [`Report`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GateEvent {
    /// The gate is about to judge these checks.
    Selected {
        /// See [`VERSION`](crate::VERSION).
        version: u32,
        /// The checks, in the suite's order.
        checks: Vec<SelectedCheck>,
    },
    /// A check has started.
    Started(SelectedCheck),
    /// How far an exploration is.
    Progress(String),
    /// A check is over.
    Report(Box<Report>),
    /// No other check will be judged.
    Ended {
        /// The check that did not end within its time limit, if one has ended the run. Checks without a report were
        /// not tried.
        endless: Option<SelectedCheck>,
    },
}

/// A check that a gate was asked to judge.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SelectedCheck {
    /// The suite's prefix, if several suites share a binary.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
    /// The exercise that the check judges.
    pub exercise: ExerciseId,
    /// The check's name.
    pub check: String,
}

impl SelectedCheck {
    /// The check that a report is about.
    pub fn of(report: &Report) -> Self {
        SelectedCheck {
            prefix: report.prefix.clone(),
            exercise: report.exercise,
            check: report.check.clone(),
        }
    }
}

/// The check's name as a test.
impl fmt::Display for SelectedCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}::{}", self.prefix, self.exercise, self.check)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_that_can_be_read_again() {
        let check = SelectedCheck {
            prefix: String::new(),
            exercise: "2.3".parse().unwrap(),
            check: "a_vote".to_owned(),
        };
        let events = [
            GateEvent::Selected { version: 1, checks: vec![check.clone()] },
            GateEvent::Started(check.clone()),
            GateEvent::Ended { endless: Some(check) },
            GateEvent::Ended { endless: None },
        ];
        for event in events {
            let line = serde_json::to_string(&event).unwrap();
            assert!(!line.contains('\n'));
            assert_eq!(serde_json::from_str::<GateEvent>(&line).unwrap(), event);
        }
        let line = r#"{"selected":{"version":1,"checks":[{"exercise":"2.3","check":"a_vote"}]}}"#;
        assert!(serde_json::from_str::<GateEvent>(line).is_ok());
    }
}
