//! Servers in the middle of their lives: states that right servers can have reached.

use std::collections::BTreeMap;

use protocol::{Entry, Index, ServerId, Term};
use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use super::initial::InitialState;
use crate::network::stream;

/// At most this many terms had a leader, …
const MOST_TERMS: u64 = 4;

/// … and each leader has appended at most this many entries.
const MOST_ENTRIES: usize = 3;

/// A server of the past.
#[derive(Clone, Default)]
struct Past {
    /// The terms of its entries.
    log: Vec<Term>,
    /// The number of entries that it knows to be committed.
    commit: usize,
}

/// Draws the states of servers S1 to S`servers` after a few terms: each term's leader had a log as up to date as a
/// majority's, and has brought the others as many of its entries as was drawn. All servers are in the same term, in
/// which none has voted, since the only server that can have asked for votes in it has failed.
pub fn drawn_history(servers: u64, seed: u64) -> BTreeMap<ServerId, InitialState> {
    // No other purpose draws from this stream.
    let mut rng = stream(seed, u64::MAX - 2);
    let mut past = vec![Past::default(); usize::try_from(servers).unwrap_or(0)];
    let terms = rng.random_range(1..=MOST_TERMS);
    for term in (1..=terms).map(Term) {
        lead(&mut past, term, &mut rng);
    }
    let state = |past: Past| InitialState {
        current_term: Term(terms + 1),
        log: past.log.iter().zip(1..).map(|(&term, index)| entry(Index(index), term)).collect(),
        commit_index: Index(past.commit as u64),
        ..InitialState::default()
    };
    (1..).map(ServerId).zip(past.into_iter().map(state)).collect()
}

/// An entry as in scenarios: the command depends only on index and term, as Log Matching requires.
fn entry(index: Index, term: Term) -> Entry {
    Entry::command(term, format!("set x {index}@{term}").as_str())
}

/// Some server becomes the leader of `term`.
fn lead(past: &mut [Past], term: Term, rng: &mut ChaCha8Rng) {
    let is_up_to_date =
        |log: &Vec<Term>, other: &Vec<Term>| (log.last(), log.len()) >= (other.last(), other.len());
    let can_win = |at: &usize| {
        let votes = past.iter().filter(|voter| is_up_to_date(&past[*at].log, &voter.log));
        2 * votes.count() > past.len()
    };
    let candidates: Vec<usize> = (0..past.len()).filter(can_win).collect();
    let leader = candidates[rng.random_range(0..candidates.len())];
    let entries = rng.random_range(1..=MOST_ENTRIES);
    past[leader].log.extend(vec![term; entries]);
    let log = past[leader].log.clone();
    for follower in past.iter_mut() {
        // Nothing in one case of three, everything in another.
        let up_to = [0, log.len(), rng.random_range(0..=log.len())][rng.random_range(0..3_usize)];
        // What it received replaces its own entries from the first conflict on.
        if !follower.log.starts_with(&log[..up_to]) {
            follower.log = log[..up_to].to_vec();
        }
    }
    // Only entries of its own term are committed by counting (§5.4.2).
    let is_held = |up_to: &usize| {
        let holders = past.iter().filter(|server| server.log.starts_with(&log[..*up_to]));
        log[*up_to - 1] == term && 2 * holders.count() > past.len()
    };
    let Some(committed) = (1..=log.len()).rev().find(is_held) else { return };
    past[leader].commit = committed;
    for follower in past.iter_mut() {
        if follower.log.starts_with(&log[..committed]) && rng.random_bool(0.5) {
            follower.commit = committed;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_match_and_a_majority_holds_what_is_committed() {
        for seed in 0..2_000 {
            let states: Vec<InitialState> =
                drawn_history(1 + seed % 7, seed).into_values().collect();
            for one in &states {
                let committed = usize::try_from(one.commit_index.0).unwrap();
                let committed = &one.log[..committed];
                let holders = states.iter().filter(|other| other.log.starts_with(committed));
                assert!(2 * holders.count() > states.len(), "seed {seed}: {states:?}");
                for other in &states {
                    let same = |at: &usize| one.log[*at].term == other.log[*at].term;
                    let common = one.log.len().min(other.log.len());
                    let last = (0..common).rev().find(same).map_or(0, |at| at + 1);
                    assert_eq!(one.log[..last], other.log[..last], "seed {seed}: {states:?}");
                }
            }
        }
    }

    #[test]
    fn histories_differ() {
        let differ = |seed: &u64| {
            let states: Vec<InitialState> = drawn_history(5, *seed).into_values().collect();
            states.windows(2).any(|pair| pair[0].log != pair[1].log)
        };
        assert!((0..100).filter(differ).count() > 80);
    }
}
