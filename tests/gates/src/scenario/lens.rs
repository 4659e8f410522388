//! What a scenario shows of servers that do more than its exercise knows.
//!
//! Each scenario of a module runs on servers that have the rules of its exercise and no more: in module 2 nothing is
//! committed, in module 3 clients receive no results, and before 4.8 no leader begins its term with a no-op. A server
//! of another design is complete, whatever exercise it is shown in. A lens leaves out what the scenario does not
//! know, so that both kinds of servers are compared with the same snapshot. It changes nothing that a server does.

use protocol::{ClientError, Entry, Index, Payload, RoleName};
use simulator::ClientAnswer;

use crate::ExerciseId;

/// The exercise in which leaders begin to commit, and the one in which followers do.
const COMMITMENT: ExerciseId = ExerciseId { module: 4, number: 2 };
const FOLLOWERS_COMMITMENT: ExerciseId = ExerciseId { module: 4, number: 3 };
/// The exercise in which clients begin to receive results.
const RESULTS: ExerciseId = ExerciseId { module: 4, number: 5 };
/// The exercise in which clients are sent to the leader.
const REDIRECTION: ExerciseId = ExerciseId { module: 4, number: 6 };
/// The exercise in which leaders begin their terms with a no-op.
const NO_OPS: ExerciseId = ExerciseId { module: 4, number: 8 };

/// After this many states, an exploration of complete servers ends. They have more states than servers that know
/// less, and few of them can be copied: each state then takes a run from the beginning.
const MOST_STATES: usize = 2_000;

/// What is left out of a transcript, of what `expect` compares, and of explorations. By default nothing is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is about one thing that is left out")]
pub(crate) struct Lens {
    /// No-ops are left out of logs, and indices count the other entries.
    hides_no_ops: bool,
    /// Nothing counts as committed or applied.
    hides_commitment: bool,
    /// Nothing counts as committed or applied for a server that is not leader.
    hides_followers_commitment: bool,
    /// What a client learns about its entry is left out.
    hides_results: bool,
    /// That a rejection names the leader is left out.
    hides_redirection: bool,
    /// An exploration ends after this many states.
    most_states: Option<usize>,
}

impl Lens {
    /// For complete servers in a scenario of this exercise.
    pub(crate) fn of(exercise: ExerciseId) -> Self {
        Lens {
            hides_no_ops: exercise < NO_OPS,
            hides_commitment: exercise < COMMITMENT,
            hides_followers_commitment: exercise < FOLLOWERS_COMMITMENT,
            hides_results: exercise < RESULTS,
            hides_redirection: exercise < REDIRECTION,
            most_states: Some(MOST_STATES),
        }
    }

    fn shows(self, entry: &Entry) -> bool {
        !(self.hides_no_ops && matches!(entry.payload, Payload::NoOp))
    }

    /// The entries of a log that are shown.
    pub(crate) fn log(self, entries: &[Entry]) -> Vec<&Entry> {
        entries.iter().filter(|entry| self.shows(entry)).collect()
    }

    /// The index of a log among the entries that are shown: how many of them are up to it.
    fn index(self, entries: &[Entry], index: Index) -> Index {
        let up_to = usize::try_from(index.0).unwrap_or(usize::MAX);
        Index(entries.iter().take(up_to).filter(|entry| self.shows(entry)).count() as u64)
    }

    /// The same for an index up to which entries are committed or applied, on a server with this role.
    pub(crate) fn committed(self, role: RoleName, entries: &[Entry], index: Index) -> Index {
        let is_hidden = match role {
            RoleName::Leader => self.hides_commitment,
            _ => self.hides_followers_commitment,
        };
        if is_hidden { Index(0) } else { self.index(entries, index) }
    }

    /// The number of states after which an exploration that may visit this many ends.
    pub(crate) fn states(self, states: usize) -> usize {
        self.most_states.map_or(states, |most| most.min(states))
    }

    /// A client's answer; `None` if it is left out.
    pub(crate) fn answer(self, answer: &ClientAnswer) -> Option<ClientAnswer> {
        match answer {
            Ok(_) | Err(ClientError::Unknown) if self.hides_results => None,
            Err(ClientError::NotLeader(_)) if self.hides_redirection => {
                Some(Err(ClientError::Refused))
            }
            other => Some(other.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Bytes, ServerId, Term};

    use super::*;

    fn of(exercise: &str) -> Lens {
        Lens::of(exercise.parse().unwrap())
    }

    fn log() -> Vec<Entry> {
        let no_op = |term| Entry { term: Term(term), payload: Payload::NoOp };
        vec![no_op(1), Entry::command(Term(1), "a"), no_op(2), Entry::command(Term(2), "b")]
    }

    #[test]
    fn before_4_8_logs_are_shown_without_no_ops() {
        let log = log();
        let terms = |lens: Lens| lens.log(&log).iter().map(|it| it.term.0).collect::<Vec<_>>();
        assert_eq!(terms(of("4.7")), [1, 2]);
        assert_eq!(terms(of("4.8")), [1, 1, 2, 2]);
        let leader = RoleName::Leader;
        let index = |exercise, index| of(exercise).committed(leader, &log, Index(index)).0;
        assert_eq!([0, 1, 2, 3, 4].map(|at| index("4.7", at)), [0, 0, 1, 1, 2]);
        assert_eq!([0, 1, 2, 3, 4].map(|at| index("4.8", at)), [0, 1, 2, 3, 4]);
        assert_eq!(index("4.1", 4), 0, "nothing is committed yet");
        let at = |exercise| of(exercise).committed(RoleName::Follower, &log, Index(4)).0;
        assert_eq!([at("4.2"), at("4.3")], [0, 2], "followers learn of it later");
    }

    #[test]
    fn answers_appear_when_their_exercise_does() {
        let named = Err(ClientError::NotLeader(Some(ServerId(2))));
        let done = Ok(Bytes::new());
        assert_eq!(of("4.4").answer(&done), None);
        assert_eq!(of("4.5").answer(&done), Some(done));
        assert_eq!(of("3.7").answer(&named), Some(Err(ClientError::Refused)));
        assert_eq!(of("4.6").answer(&named), Some(named));
    }

    #[test]
    fn from_4_8_on_everything_is_shown() {
        let few = Lens { most_states: Some(MOST_STATES), ..Lens::default() };
        assert_eq!(of("7.1"), few);
        assert_eq!((few.states(9_000), Lens::default().states(9_000)), (MOST_STATES, 9_000));
    }
}
