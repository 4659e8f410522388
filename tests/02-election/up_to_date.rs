//! Exercise 2.2: whose log is more up to date.

use gates::{Check, Checks, Context, Verdict};

use super::servers::log;
use super::subject::is_up_to_date;
use super::subject::protocol::{Index, Term};

const TERMS: &str = "§5.4.1: \"If the logs have last entries with different terms, then the log with the \
     later term is more up-to-date.\" How long they are does not matter then.";
const LENGTH: &str = "§5.4.1: \"If the logs end with the same term, then whichever log is longer is more \
     up-to-date.\" A log is as up to date as itself.";
const BASE: &str = "§5.4.1, §7: once every entry is compacted away, the last entry is the base: its \
     index and term count.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("2.2")
        .about("is_up_to_date")
        .claims([
            ("A later last term is more up to date, however short the log", TERMS, |check| {
                voter(
                    check,
                    (0, 0),
                    &[1, 1, 1, 1],
                    &[((3, 2), true), ((1, 2), true), ((1, 9), true)],
                )
            }),
            ("An earlier last term is not up to date, however long the log", TERMS, |check| {
                voter(
                    check,
                    (0, 0),
                    &[1, 2],
                    &[((3, 1), false), ((2, 1), false), ((100, 1), false)],
                )
            }),
            ("With the same last term the longer log is more up to date", LENGTH, |check| {
                voter(
                    check,
                    (0, 0),
                    &[1, 2, 2],
                    &[((4, 2), true), ((2, 2), false), ((1, 2), false)],
                )
            }),
            ("Equal logs are up to date with each other", LENGTH, |check| {
                voter(check, (0, 0), &[1, 1, 2], &[((3, 2), true)])?;
                voter(check, (0, 0), &[5], &[((1, 5), true)])
            }),
            ("Every log is up to date with an empty one, and no other way", LENGTH, |check| {
                voter(check, (0, 0), &[], &[((0, 0), true), ((1, 1), true)])?;
                voter(check, (0, 0), &[1], &[((0, 0), false)])
            }),
            ("A compacted log is compared by its base", BASE, |check| {
                let cases = [
                    ((5, 3), true),
                    ((6, 3), true),
                    ((1, 4), true),
                    ((4, 3), false),
                    ((9, 2), false),
                ];
                voter(check, (5, 3), &[], &cases)?;
                voter(check, (4, 2), &[3], &cases)
            }),
        ])
        .list()
}

/// Compares this log of a voter with what candidates say of theirs: where the last entry is, and its
/// term.
fn voter(
    check: &mut Context,
    base: (u64, u64),
    terms: &[u64],
    candidates: &[((u64, u64), bool)],
) -> Verdict {
    let own = match (base.0, terms) {
        (0, []) => "empty".to_owned(),
        (0, _) => format!("{terms:?} (the terms of its entries)"),
        (index, []) => format!("compacted up to its last entry, {index} of term {}", base.1),
        (index, _) => {
            format!("{terms:?} (the terms of its entries), after {index} of term {}", base.1)
        }
    };
    let log = log(base, terms);
    for &((index, term), expected) in candidates {
        check.step(format!(
            "the voter's log is {own}; the candidate's ends with entry {index} of term {term}"
        ));
        let happened = is_up_to_date(&log, Index(index), Term(term));
        check.equal("is_up_to_date", happened, expected)?;
    }
    Ok(())
}
