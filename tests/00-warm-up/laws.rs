//! The five properties of Figure 3, and the learner's function that checks each.

use std::fmt::Debug;

use gates::simulator::Property;

use super::evidence;
use super::subject;
use subject::protocol::execution::Execution;

/// What a learner's function has said of an execution: nothing, or what it shows.
pub(super) type Said = Result<(), Shown>;

/// What a learner's function shows of a breach.
pub(super) struct Shown {
    /// As the learner wrote it.
    pub(super) text: String,
    /// Why it shows nothing of the kind, if it does not.
    pub(super) untrue: Option<String>,
    /// The moments that it names.
    pub(super) moments: Vec<usize>,
}

/// A property, and what judges it.
#[derive(Clone, Copy)]
pub(super) struct Law {
    pub(super) exercise: &'static str,
    pub(super) property: Property,
    pub(super) function: &'static str,
    /// What must be shown of a breach.
    pub(super) evidence: &'static str,
    pub(super) judge: fn(&Execution) -> Said,
}

/// All five, in the order of the exercises.
pub(super) static LAWS: [Law; 5] = [
    Law {
        exercise: "0.1",
        property: Property::ElectionSafety,
        function: "election_safety",
        evidence: "TwoLeaders",
        judge: |execution| {
            let said = subject::election_safety(execution);
            said.map_err(|shown| {
                let untrue = evidence::two_leaders(execution, &shown);
                told(&shown, untrue, &shown.moments)
            })
        },
    },
    Law {
        exercise: "0.2",
        property: Property::LeaderAppendOnly,
        function: "leader_append_only",
        evidence: "Rewritten",
        judge: |execution| {
            let said = subject::leader_append_only(execution);
            said.map_err(|shown| {
                let untrue = evidence::rewritten(execution, &shown);
                told(&shown, untrue, &[shown.moment])
            })
        },
    },
    Law {
        exercise: "0.3",
        property: Property::LogMatching,
        function: "log_matching",
        evidence: "Mismatch",
        judge: |execution| {
            let said = subject::log_matching(execution);
            said.map_err(|shown| {
                let untrue = evidence::mismatch(execution, &shown);
                told(&shown, untrue, &shown.moments)
            })
        },
    },
    Law {
        exercise: "0.4",
        property: Property::StateMachineSafety,
        function: "state_machine_safety",
        evidence: "TwoEntries",
        judge: |execution| {
            let said = subject::state_machine_safety(execution);
            said.map_err(|shown| {
                let untrue = evidence::two_entries(execution, &shown);
                told(&shown, untrue, &shown.moments)
            })
        },
    },
    Law {
        exercise: "0.5",
        property: Property::LeaderCompleteness,
        function: "leader_completeness",
        evidence: "Missing",
        judge: |execution| {
            let said = subject::leader_completeness(execution);
            said.map_err(|shown| {
                let untrue = evidence::missing(execution, &shown);
                told(&shown, untrue, &shown.moments)
            })
        },
    },
];

fn told(shown: &impl Debug, truth: Result<(), String>, moments: &[usize]) -> Shown {
    Shown { text: format!("{shown:?}"), untrue: truth.err(), moments: moments.to_vec() }
}
