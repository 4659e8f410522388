//! Exercise 3.3: do we agree up to here?

use gates::{Check, Checks, Context, Verdict};

use super::servers::{log, terms};
use super::subject::agrees;
use super::subject::protocol::{Index, Term};

const SAME: &str = "§5.3: the follower must \"find an entry in its log with the same index and term\". By Log \
     Matching (Figure 3) it then has everything before it in common with the leader, too.";
const OTHER: &str = "AppendEntries, receiver, step 2 (§5.3): \"Reply false if log doesn't contain an entry \
     at prevLogIndex whose term matches prevLogTerm\". The same index is not enough, nor is the same \
     term somewhere else.";
const BEYOND: &str = "AppendEntries, receiver, step 2 (§5.3): a log that ends before prevLogIndex does not \
     contain such an entry. Whatever was taken from there on would leave a gap.";
const FIRST: &str = "§5.3: what precedes the first entry is index 0 of term 0, and all logs begin so. A \
     leader that steps back comes to a place where the logs agree, at the latest there.";
const BASE: &str = "§7: in a compacted log the base represents the last entry that is gone. It is a place \
     to agree on like any other.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.3")
        .about("agrees")
        .claims([
            ("Logs agree at an entry of the same index and term", SAME, |check| {
                agree(
                    check,
                    (0, 0),
                    &[1, 1, 2, 4],
                    &[((1, 1), true), ((3, 2), true), ((4, 4), true)],
                )
            }),
            ("Logs do not agree at an entry of another term", OTHER, |check| {
                let other = [((1, 2), false), ((2, 2), false), ((3, 1), false), ((4, 5), false)];
                agree(check, (0, 0), &[1, 1, 2, 4], &other)
            }),
            ("All logs agree before the first entry", FIRST, |check| {
                agree(check, (0, 0), &[], &[((0, 0), true)])?;
                agree(check, (0, 0), &[3, 3], &[((0, 0), true)])
            }),
            ("Logs do not agree beyond the end of one", BEYOND, |check| {
                agree(
                    check,
                    (0, 0),
                    &[1, 1, 2],
                    &[((4, 2), false), ((4, 4), false), ((99, 2), false)],
                )?;
                agree(check, (0, 0), &[], &[((1, 1), false), ((1, 0), false)])
            }),
            ("A compacted log agrees at its base", BASE, |check| {
                let at_base = [((5, 2), true), ((5, 3), false), ((6, 3), true), ((7, 3), false)];
                agree(check, (5, 2), &[3], &at_base)
            }),
        ])
        .list()
}

/// Asks whether a log agrees at these places, each an index and a term.
fn agree(
    check: &mut Context,
    base: (u64, u64),
    of: &[u64],
    places: &[((u64, u64), bool)],
) -> Verdict {
    let log = log(base, of);
    for &((index, term), expected) in places {
        check.step(format!(
            "the follower's log is {}; prev_log_index {index}, prev_log_term {term}",
            terms(&log)
        ));
        check.equal("agrees", agrees(&log, Index(index), Term(term)), expected)?;
    }
    Ok(())
}
