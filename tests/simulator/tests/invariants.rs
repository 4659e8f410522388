//! Every property is broken by a server that does nothing else wrong, and by nothing that is legal.

#[allow(dead_code, reason = "each test file uses a part of it")]
mod puppet;

use protocol::{Entry, Index, RoleName, ServerId, Term};
use puppet::{State, play};
use simulator::Property;

fn state(term: u64) -> State {
    State { term: Term(term), ..State::default() }
}

fn leader(term: u64, log: &[u64]) -> State {
    State { role: Some(RoleName::Leader), ..state(term) }.log(log)
}

fn broken_by(steps: &[(u64, State)]) -> Property {
    let breach = play(steps).expect_err("a property should have been broken");
    assert_eq!(breach.event, steps.len() as u64, "broken by the last step, not before: {breach}");
    assert_eq!(breach.servers[0], ServerId(steps[steps.len() - 1].0), "{breach}");
    breach.property
}

#[test]
fn two_leaders_of_one_term_break_election_safety() {
    let broken = broken_by(&[(1, leader(2, &[])), (2, leader(2, &[]))]);
    assert_eq!(broken, Property::ElectionSafety);
}

#[test]
fn two_leaders_of_different_terms_at_one_time_are_legal() {
    play(&[(1, leader(2, &[])), (2, leader(3, &[])), (3, leader(1, &[]))]).unwrap();
}

#[test]
fn a_leader_that_overwrites_or_removes_breaks_append_only() {
    let removes = [(1, leader(2, &[1, 2])), (1, leader(2, &[1]))];
    assert_eq!(broken_by(&removes), Property::LeaderAppendOnly);
    let overwrites = [(1, leader(2, &[1, 1])), (1, leader(2, &[1, 2]))];
    assert_eq!(broken_by(&overwrites), Property::LeaderAppendOnly);
}

#[test]
fn a_former_leader_may_give_up_entries_and_a_leader_may_append() {
    let step = [(1, leader(2, &[1, 2])), (1, leader(2, &[1, 2, 2])), (1, state(3).log(&[1, 3]))];
    play(&step).unwrap();
}

#[test]
fn the_same_index_and_term_with_another_command_breaks_log_matching() {
    let mut other = state(1).log(&[1, 1]);
    other.log[1] = Entry::command(Term(1), "set y 0");
    let broken = broken_by(&[(1, state(1).log(&[1, 1])), (2, other)]);
    assert_eq!(broken, Property::LogMatching);
}

#[test]
fn the_same_entry_after_different_ones_breaks_log_matching() {
    let broken = broken_by(&[(1, state(3).log(&[1, 3])), (2, state(3).log(&[2, 3]))]);
    assert_eq!(broken, Property::LogMatching);
}

#[test]
fn a_change_in_the_middle_of_a_log_is_found_by_the_audit() {
    let before = state(3).log(&[1, 1, 1, 3]);
    let mut after = before.clone();
    after.log[1] = Entry::command(Term(1), "set y 0");
    let mut steps = vec![(1, before)];
    steps.extend(std::iter::repeat_n((1, after), 4));
    assert_eq!(play(&steps).unwrap_err().property, Property::LogMatching);
}

#[test]
fn a_leader_without_a_committed_entry_breaks_leader_completeness() {
    let commits = leader(2, &[1, 2]).commit(2);
    let broken = broken_by(&[(1, commits.clone()), (2, leader(3, &[1]))]);
    assert_eq!(broken, Property::LeaderCompleteness);
    let broken = play(&[(1, commits), (2, leader(3, &[1, 1]))]).unwrap_err();
    assert_eq!((broken.property, broken.index), (Property::LeaderCompleteness, Some(Index(2))));
}

#[test]
fn a_late_winner_of_an_older_term_is_legal() {
    play(&[(1, leader(5, &[1, 5]).commit(2)), (2, leader(4, &[1]))]).unwrap();
}

#[test]
fn an_older_leader_that_commits_what_a_newer_one_lacks_breaks_leader_completeness() {
    let steps = [(1, leader(2, &[1, 2])), (2, leader(3, &[1])), (1, leader(2, &[1, 2]).commit(2))];
    let breach = play(&steps).unwrap_err();
    assert_eq!(breach.property, Property::LeaderCompleteness);
    assert_eq!(breach.servers, [ServerId(2), ServerId(1)]);
}

#[test]
fn different_entries_committed_at_one_index_break_state_machine_safety() {
    let broken = broken_by(&[(1, state(3).log(&[1]).commit(1)), (2, state(3).log(&[2]).commit(1))]);
    assert_eq!(broken, Property::StateMachineSafety);
}

#[test]
fn terms_commit_and_applied_never_fall() {
    assert_eq!(broken_by(&[(1, state(3)), (1, state(2))]), Property::TermNeverFalls);
    let full = state(1).log(&[1, 1]).commit(2);
    let applied = State { applied: Index(1), ..full.clone() };
    assert_eq!(
        broken_by(&[(1, full.clone()), (1, full.clone().commit(1))]),
        Property::CommitNeverFalls
    );
    assert_eq!(broken_by(&[(1, applied), (1, full)]), Property::AppliedNeverFalls);
}

#[test]
fn nothing_is_committed_beyond_the_log_or_applied_beyond_the_commit_index() {
    assert_eq!(broken_by(&[(1, state(1).log(&[1]).commit(2))]), Property::AppliedIsCommitted);
    let applied = State { applied: Index(1), ..state(1).log(&[1]) };
    assert_eq!(broken_by(&[(1, applied)]), Property::AppliedIsCommitted);
}

#[test]
fn a_committed_entry_that_is_given_up_is_found() {
    let steps = [(1, state(1).log(&[1, 1]).commit(2)), (1, state(2).log(&[1, 2]).commit(2))];
    assert_eq!(broken_by(&steps), Property::CommittedStays);
}

#[test]
fn a_vote_is_kept_for_its_term() {
    let voted = |term, vote: Option<u64>| State { vote: vote.map(ServerId), ..state(term) };
    let changed = [(1, voted(2, Some(2))), (1, voted(2, Some(3)))];
    assert_eq!(broken_by(&changed), Property::OneVoteATerm);
    assert_eq!(broken_by(&[(1, voted(2, Some(2))), (1, voted(2, None))]), Property::OneVoteATerm);
    play(&[(1, voted(2, None)), (1, voted(2, Some(2))), (1, voted(3, None))]).unwrap();
}

#[test]
fn a_log_that_conflicts_beyond_what_is_committed_may_be_mended() {
    let steps = [
        (1, leader(3, &[1, 1, 3]).commit(2)),
        (2, state(2).log(&[1, 1, 2, 2]).commit(2)),
        (2, state(3).log(&[1, 1, 3]).commit(2)),
        (2, state(3).log(&[1, 1, 3]).commit(3)),
    ];
    play(&steps).unwrap();
}

#[test]
fn a_log_may_be_compacted_and_a_snapshot_may_take_the_place_of_any_log() {
    let steps = [
        (1, leader(3, &[1, 1, 3]).commit(3)),
        (1, leader(3, &[1, 1, 3]).compacted(3, "x 3")),
        (2, state(2).log(&[1, 2, 2, 2])),
        (2, state(3).log(&[1, 1, 3]).compacted(3, "x 3")),
        (3, state(3).log(&[1, 1, 3]).compacted(3, "x 3")),
        (1, leader(3, &[1, 1, 3, 3]).compacted(3, "x 3")),
        (2, state(3).log(&[1, 1, 3, 3]).compacted(3, "x 3")),
    ];
    play(&steps).unwrap();
}

#[test]
fn only_what_is_applied_may_be_compacted() {
    let full = state(1).log(&[1, 1]).commit(2);
    let hasty = State { base: Index(2), applied: Index(1), ..full.clone() };
    assert_eq!(broken_by(&[(1, full), (1, hasty)]), Property::CompactedIsApplied);
}

#[test]
fn a_snapshot_that_ends_with_another_entry_breaks_state_machine_safety() {
    let committed = leader(3, &[1, 3]).commit(2);
    let other = state(3).log(&[1, 2]).compacted(2, "");
    assert_eq!(broken_by(&[(1, committed), (2, other)]), Property::StateMachineSafety);
}

#[test]
fn a_snapshot_that_holds_another_state_breaks_state_machine_safety() {
    let steps = [
        (1, leader(1, &[1, 1]).commit(2)),
        (1, leader(1, &[1, 1]).compacted(2, "x 2")),
        (2, state(1).log(&[1, 1]).compacted(2, "x 1")),
    ];
    assert_eq!(broken_by(&steps), Property::StateMachineSafety);
    // So does a server that has applied the same entries and ended in another state.
    let applied = State { applied: Index(2), machine: "x 1", ..state(1).log(&[1, 1]).commit(2) };
    let steps = [steps[0].clone(), steps[1].clone(), (2, applied)];
    assert_eq!(broken_by(&steps), Property::StateMachineSafety);
}

#[test]
fn a_committed_entry_behind_a_snapshot_that_is_given_up_is_found() {
    let full = state(1).log(&[1, 1, 1]).commit(3);
    let shorter = state(1).log(&[1, 1]).compacted(2, "x 2");
    assert_eq!(broken_by(&[(1, full), (1, shorter)]), Property::CommittedStays);
}

#[test]
fn another_entry_behind_a_snapshot_breaks_log_matching() {
    let mut other = state(1).log(&[1, 1, 1]).compacted(2, "x 2");
    other.log[2] = Entry::command(Term(1), "set y 0");
    assert_eq!(broken_by(&[(1, state(1).log(&[1, 1, 1])), (2, other)]), Property::LogMatching);
}
