//! Which milestone of the open path the scenarios and storms of the modules belong to.

use gates::ExerciseId;
use gates::course::{OPEN, OPEN_DIR};
use gates::simulator::Workload;
use gates::storm::Goal;

/// The folders with scenarios: those of the modules, and its own.
pub(crate) const FOLDERS: [&str; 7] = [
    "02-election",
    "03-replication",
    "04-commitment",
    "05-persistence",
    "06-snapshots",
    "07-membership",
    OPEN_DIR,
];

/// The exercise from which on servers ignore candidates while they hear a leader.
const CHECK_QUORUM: ExerciseId = ExerciseId { module: 7, number: 5 };
/// The exercise in which servers ask before an election.
const PRE_VOTE: ExerciseId = ExerciseId { module: 7, number: 9 };

/// Scenarios of the modules in which it shows that no leader begins its term with a no-op; how it shows; and the
/// scenario of milestone 3 that tells the same story with no-ops. From that milestone on, leaders must, and before
/// that they may.
pub(crate) const WITHOUT_NO_OPS: [(&str, &str, &str); 7] = [
    (
        "a_server_that_can_send_but_not_hear",
        "S3 lacks the no-op, so that it gets no vote",
        "a_deaf_server_deposes_leaders_and_is_not_elected",
    ),
    (
        "the_commit_index_never_falls_under_a_new_leader_that_knows_less",
        "the no-op commits the entry at once",
        "a_new_leader_that_knows_less_takes_no_commit_index_back",
    ),
    (
        "no_majority_no_commitment",
        "the no-op commits entry 4 before a client asks for anything",
        "a_minority_commits_nothing_and_its_successor_commits_all",
    ),
    (
        "figure_8_from_a_to_d",
        "S3 has the no-op of term 3, so that S1 does not win term 4",
        "figure_8_to_d_when_leaders_begin_with_a_no_op",
    ),
    (
        "figure_8_from_a_to_e",
        "S3 has the no-op of term 3, so that S1 does not win term 4",
        "figure_8_to_e_when_leaders_begin_with_a_no_op",
    ),
    (
        "a_deposed_leader_tells_the_clients_that_wait",
        "the no-op overwrites the entries of S1",
        "clients_that_wait_at_a_deposed_leader_hear_once",
    ),
    (
        "a_command_of_a_deposed_leader_may_still_be_executed",
        "the no-op commits the entry at once",
        "what_a_deposed_leader_took_in_may_still_be_executed",
    ),
];

/// Whether the scenario in this file is among [`WITHOUT_NO_OPS`].
pub(crate) fn is_without_no_ops(file: &str) -> bool {
    WITHOUT_NO_OPS.iter().any(|(name, ..)| file == format!("{name}.scenario"))
}

/// The milestone of a scenario, by its file and its exercise.
pub(crate) fn of_scenario(file: &str, exercise: ExerciseId) -> Option<ExerciseId> {
    if is_without_no_ops(file) { None } else { of_exercise(exercise) }
}

/// The milestone of the scenarios of an exercise; `None` if a server on the open path need not do what the exercise
/// asks for.
pub(crate) fn of_exercise(exercise: ExerciseId) -> Option<ExerciseId> {
    let milestone = match (exercise.module, exercise.number) {
        // Stepping back by terms.
        (3, 9) => return None,
        (2, _) => 1,
        (3, _) => 2,
        (4, 9) => 7,
        (4, 10) => 8,
        (4, _) => 3,
        (5, _) => 4,
        (6, _) => 5,
        (7, 9) => 9,
        (7, 10 | 11) => 10,
        (7, _) => 6,
        _ => return None,
    };
    Some(milestone_with(milestone))
}

/// The milestone of storms.
pub(crate) fn of_storm(goal: Goal, workload: Workload) -> ExerciseId {
    let whole = match goal {
        Goal::StableLeader => 1,
        Goal::LogsAgree => 2,
        Goal::Linearizable => 3,
        Goal::Durable => 4,
        Goal::Compacted => 5,
        Goal::Reconfigured => 6,
    };
    milestone_with(match workload {
        Workload::Commands => whole,
        Workload::Sessions => 7,
        Workload::Queries => 8,
    })
}

/// What is switched on, `(check_quorum, pre_vote)`, for the scenarios of an exercise or the storms of a milestone.
pub(crate) fn features_of(exercise: ExerciseId) -> (bool, bool) {
    match (exercise.module, exercise.number) {
        (OPEN, number) => (matches!(number, 6 | 9 | 10), number == 9),
        _ => (exercise >= CHECK_QUORUM, exercise == PRE_VOTE),
    }
}

pub(crate) const fn milestone_with(number: u32) -> ExerciseId {
    ExerciseId { module: OPEN, number }
}
