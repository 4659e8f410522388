//! Exercise 3.4: merging entries into the log.

use gates::{Check, Checks, Context, Verdict};

use super::model::Log;
use super::servers::{carried, entries, entry, log, lost_nothing, terms};
use super::subject::LogEdit as _;
use super::subject::merge;
use super::subject::protocol::Index;

const NEW: &str =
    "AppendEntries, receiver, step 4 (§5.3): \"Append any new entries not already in the log\".";
const AGREE: &str = "AppendEntries, receiver, step 4 (§5.3): only entries \"not already in the log\" are \
     appended. A call can arrive twice.";
const CONFLICT: &str = "AppendEntries, receiver, step 3 (§5.3): \"If an existing entry conflicts with a new \
     one (same index but different terms), delete the existing entry and all that follow it\".";
const OLDER: &str = "AppendEntries, receiver, step 3 (§5.3): entries are deleted only \"if an existing entry \
     conflicts with a new one\". None of these conflicts. The request may be an old one, overtaken by a \
     later request whose entries this server has stored and acknowledged. If it drops them now, entries that \
     may be committed are lost.";
const PART: &str = "AppendEntries, receiver, steps 3 and 4 (§5.3): what agrees stays, the first entry that \
     conflicts goes with all that follow it, and what is new is appended.";
const COLLIDE: &str = "§5.3: two entries are the same if they have the same index *and* term. The same \
     index with another term is a conflict, with an older term, too: the leader is right.";
const TERMS: &str = "Figure 2, State: an entry keeps the \"term when entry was received by leader\", \
     whichever leader hands it on.";
const BASE: &str = "§7: in a compacted log, entries follow the base.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.4")
        .about("merge")
        .claims([
            ("New entries are appended", NEW, |check| {
                merged(check, &[], 1, &[1, 1], &[1, 1])?;
                merged(check, &[1], 2, &[1, 2], &[1, 1, 2])
            }),
            ("Entries that are there already change nothing", AGREE, |check| {
                merged(check, &[1, 1, 2], 1, &[1, 1, 2], &[1, 1, 2])?;
                merged(check, &[1, 1, 2], 3, &[2], &[1, 1, 2])?;
                merged(check, &[1, 1, 2], 4, &[], &[1, 1, 2])
            }),
            ("An older or shorter call drops no entry", OLDER, keeps),
            ("An entry that conflicts goes, with all that follow it", CONFLICT, |check| {
                merged(check, &[1, 2, 2, 2], 2, &[3], &[1, 3])?;
                merged(check, &[2, 2, 2], 1, &[1], &[1])?;
                merged(check, &[1, 2], 2, &[3], &[1, 3])?;
                merged(check, &[1, 2, 2, 2, 2], 2, &[3, 3], &[1, 3, 3])
            }),
            ("What agrees before a conflict stays", PART, |check| {
                merged(check, &[1, 1, 2, 2], 1, &[1, 1, 3], &[1, 1, 3])?;
                merged(check, &[1, 1, 2, 2], 2, &[1, 2, 3, 3], &[1, 1, 2, 3, 3])
            }),
            ("Only what is new of a longer call is appended", PART, |check| {
                merged(check, &[1, 1, 2], 1, &[1, 1, 2, 2, 3], &[1, 1, 2, 2, 3])?;
                merged(check, &[1, 1, 2], 2, &[1, 2, 3], &[1, 1, 2, 3])
            }),
            (
                "Entries of one index and different terms collide, whichever term is newer",
                COLLIDE,
                |check| {
                    merged(check, &[1, 4, 4], 2, &[3, 3], &[1, 3, 3])?;
                    merged(check, &[1, 3, 3], 2, &[4, 4], &[1, 4, 4])
                },
            ),
            ("An entry keeps its term and its command", TERMS, keeps_its_term),
            ("Entries are merged after the base of a compacted log", BASE, |check| {
                let mut it = log((5, 2), &[2, 3]);
                act(check, &mut it, 7, &[4, 4]);
                check.same_text("the log", &terms(&it), &terms(&log((5, 2), &[2, 4, 4])))
            }),
        ])
        .list()
}

/// Merges entries of these terms, from index `first` on.
fn act(check: &mut Context, it: &mut Log, first: u64, new: &[u64]) {
    let new = entries(first, new);
    check.step(format!("the log is {}; merge {} from index {first} on", terms(it), carried(&new)));
    merge(it, Index(first), &new);
}

fn merged(check: &mut Context, before: &[u64], first: u64, new: &[u64], after: &[u64]) -> Verdict {
    let mut it = log((0, 0), before);
    act(check, &mut it, first, new);
    check.same_text("the log", &terms(&it), &terms(&log((0, 0), after)))
}

fn keeps(check: &mut Context) -> Verdict {
    let all = [1, 2, 2, 2];
    // The call with all entries has come first; these were sent before it.
    for (first, new) in [(2, &[2, 2][..]), (2, &[2]), (1, &[1, 2]), (1, &[]), (3, &[]), (4, &[2])] {
        let mut it = log((0, 0), &all);
        act(check, &mut it, first, new);
        lost_nothing(check, &log((0, 0), &all), &it)?;
    }
    Ok(())
}

fn keeps_its_term(check: &mut Context) -> Verdict {
    let mut it = log((0, 0), &[1]);
    act(check, &mut it, 2, &[2, 3]);
    let happened: Vec<_> = it.entries_from(Index(1), 9).to_vec();
    check.equal("the entries", happened, vec![entry(1, 1), entry(2, 2), entry(3, 3)])
}
