//! A recording has the evidence of a breach: what the last event has changed, and the moments that contradict each
//! other, whichever property it is.

mod puppet;

use protocol::{Entry, Index, RoleName, ServerId, Term};
use puppet::{State, recorded};
use simulator::{Outcome, Recording};

fn state(term: u64) -> State {
    State { term: Term(term), ..State::default() }
}

fn leader(term: u64, log: &[u64]) -> State {
    State { role: Some(RoleName::Leader), ..state(term) }.log(log)
}

fn voted(term: u64, vote: u64) -> State {
    State { vote: Some(ServerId(vote)), ..state(term) }
}

/// Checks that the run ends badly, with these steps as its moments. Step 0 is the beginning.
fn contradict(steps: &[(u64, State)], moments: &[u64]) -> Recording {
    let run = recorded(steps);
    let found: Vec<u64> = run.end.moments.iter().map(|moment| moment.step).collect();
    assert_eq!(run.end.outcome, Outcome::Broken, "{:?}", run.end);
    assert_eq!(found, moments, "{:?}", run.end);
    assert_eq!(run.steps(), steps.len() as u64 + 1, "the last event is a step");
    let last = run.columns.change_step.last();
    assert_eq!(last, Some(&(run.steps() - 1)), "what the last event has changed is recorded");
    run
}

#[test]
fn every_property_names_the_moments_that_contradict_each_other() {
    // Election Safety: two leaders of a term; another server's step is between them.
    let run = contradict(&[(1, leader(2, &[])), (3, state(1)), (2, leader(2, &[]))], &[1, 3]);
    assert_eq!(run.end.light, Some(0));
    assert_eq!(run.end.moments[0].what, "S1 becomes leader of term 2");
    // Leader Append-Only: the election, the entry, its end.
    contradict(&[(1, leader(2, &[1])), (1, leader(2, &[1, 2])), (1, leader(2, &[1]))], &[1, 2, 3]);
    // Log Matching.
    let mut other = state(1).log(&[1, 1]);
    other.log[1] = Entry::command(Term(1), "set y 0");
    contradict(&[(1, state(1).log(&[1, 1])), (3, state(1)), (2, other)], &[1, 3]);
    // Leader Completeness, both ways.
    let commits = leader(2, &[1, 2]).commit(2);
    contradict(&[(1, leader(2, &[1, 2])), (1, commits.clone()), (2, leader(3, &[1]))], &[2, 3]);
    contradict(&[(1, leader(2, &[1, 2])), (2, leader(3, &[1])), (1, commits)], &[2, 3]);
    // State Machine Safety.
    let committed = |log: &[u64]| state(3).log(log).commit(1);
    contradict(&[(1, committed(&[1])), (3, state(1)), (2, committed(&[2]))], &[1, 3]);
}

#[test]
fn the_properties_of_figure_2_do_too() {
    let run = contradict(&[(1, state(3)), (2, state(1)), (1, state(2))], &[1, 3]);
    assert_eq!(run.lights[usize::try_from(run.end.light.unwrap()).unwrap()], "Figure 2");
    let run = contradict(&[(1, voted(2, 2)), (2, state(2)), (1, voted(2, 3))], &[1, 3]);
    assert_eq!(run.end.moments[0].what, "S1 votes for S2 in term 2");
    let full = state(1).log(&[1, 1]).commit(2);
    contradict(&[(1, full.clone()), (2, state(1)), (1, full.clone().commit(1))], &[1, 3]);
    let applied = State { applied: Index(1), ..full.clone() };
    contradict(&[(1, applied), (2, state(1)), (1, full.clone())], &[1, 3]);
    // The entry, its commitment, its end.
    let removed = state(2).log(&[1]).commit(1);
    contradict(&[(1, state(1).log(&[1, 1])), (1, full), (1, removed)], &[1, 2, 3]);
    contradict(&[(1, state(1).log(&[1]).commit(2))], &[1]);
    let early = State { applied: Index(1), ..state(1).log(&[1, 1]).compacted(2, "") };
    contradict(&[(1, early)], &[1]);
}

#[test]
fn a_state_can_be_built_from_the_recording_alone() {
    let run = recorded(&[
        (1, leader(2, &[1, 2, 2])),
        (2, state(2).log(&[1, 1])),
        (2, state(2).log(&[1, 2])),
        (2, state(2).log(&[1])),
    ]);
    assert_eq!(run.end.outcome, Outcome::Fine, "{:?}", run.end);
    let c = &run.columns;
    let of = |column: &[u64]| column[column.len() - 4..].to_vec();
    assert_eq!(of(&c.change_log_from), [1, 1, 2, 2]);
    assert_eq!(of(&c.change_log_count), [3, 2, 1, 0]);
    assert_eq!(c.entry_term, [1, 2, 2, 1, 1, 2]);
    let then: Vec<&str> = c.then.iter().map(|&text| run.text(text)).collect();
    assert_eq!(then[2], "S2: term 2, appends entries 1 to 2");
    assert_eq!(then[3], "S2: replaces its log from entry 2 on, up to 2");
    assert_eq!(then[4], "S2: removes entries 2 to 2");
}
