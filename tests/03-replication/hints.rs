//! Exercise 3.9, a bonus: stepping back by terms.

use gates::{Check, Checks, Context, Verdict};

use super::model::Log;
use super::servers::{S1, S2, call, log, terms};
use super::subject::protocol::{AppendEntriesReply, Conflict, Index, Term};
use super::subject::{conflict_hint, next_index_by_hint};
use super::table;
use super::traffic::{Traffic, mended, times, told, traffic, world};

const HINT: &str = "§5.3: \"when rejecting an AppendEntries request, the follower can include the term of the \
     conflicting entry and the first index it stores for that term\".";
const SHORT: &str = "§5.3: a follower whose log ends before prevLogIndex has no conflicting entry. What it \
     lacks first is the place to go on.";
const BYPASS: &str = "§5.3: \"With this information, the leader can decrement nextIndex to bypass all of the \
     conflicting entries in that term\".";
const SHARED: &str = "§5.3: the first index that the follower stores for the term is never too far back by more \
     than that term. If the leader has the term too, the logs may agree up to its own last entry of it.";
const CALLS: &str = "§5.3: \"one AppendEntries RPC will be required for each term with conflicting entries, \
     rather than one RPC per entry\".";

const CALLERS: &str = "If the checks of conflict_hint and next_index_by_hint are green, look at their callers: \
     append_entries (3.5) puts the hint into its answer, and append_entries_reply (3.6) asks for the next index \
     by it.";

pub(super) fn checks() -> Vec<Check> {
    const FOLLOWER: &str = "conflict_hint";
    const LEADER: &str = "next_index_by_hint";
    Checks::of("3.9")
        .each([
            (FOLLOWER, "A hint names the conflicting term and the first index of it", HINT, names),
            (
                FOLLOWER,
                "A hint about a log that ends too early names what it lacks first",
                SHORT,
                lacks,
            ),
            (
                LEADER,
                "A leader that lacks the term goes on at the first index of it",
                BYPASS,
                bypasses,
            ),
            (LEADER, "A leader that has the term goes on within it", SHARED, shares),
            (
                LEADER,
                "Logs 50 entries apart are repaired in as many rejections as terms",
                CALLS,
                by_terms,
            ),
            (
                LEADER,
                "A log that lacks 50 entries is repaired in a few rejections",
                CALLS,
                by_length,
            ),
        ])
        .list()
}

/// What a follower with this log says about this place: a term, if it has an entry there, and an index.
fn says(check: &mut Context, log: &Log, prev: u64, (term, first): (Option<u64>, u64)) -> Verdict {
    check.step(format!(
        "the follower's log is {}; it does not agree at prev_log_index {prev}",
        terms(log)
    ));
    let expected = Conflict { term: term.map(Term), first_index: Index(first) };
    let happened = conflict_hint(log, Index(prev));
    check.same_text("the hint", &words(happened), &words(Some(expected)))
}

fn words(hint: Option<Conflict>) -> String {
    let Some(Conflict { term, first_index }) = hint else { return "none".to_owned() };
    let term = term.map_or("no term".to_owned(), |term| format!("term {term}"));
    format!("{term}, first_index {first_index}")
}

fn names(check: &mut Context) -> Verdict {
    let it = log((0, 0), &[1, 1, 2, 2, 2, 3]);
    for (prev, hint) in [
        (6, (Some(3), 6)),
        (5, (Some(2), 3)),
        (4, (Some(2), 3)),
        (3, (Some(2), 3)),
        (2, (Some(1), 1)),
    ] {
        says(check, &it, prev, hint)?;
    }
    says(check, &log((5, 2), &[4, 4, 4]), 7, (Some(4), 6))
}

fn lacks(check: &mut Context) -> Verdict {
    let it = log((0, 0), &[1, 1, 2]);
    for prev in [4, 5, 99] {
        says(check, &it, prev, (None, 4))?;
    }
    says(check, &log((0, 0), &[]), 3, (None, 1))?;
    says(check, &log((5, 2), &[3]), 9, (None, 7))
}

/// Where a leader with this log goes on, when a request with the last of these entries as what precedes was
/// rejected with this hint.
fn goes_on(
    check: &mut Context,
    of: &[u64],
    prev: u64,
    hint: Option<(Option<u64>, u64)>,
) -> Option<u64> {
    let log = log((0, 0), of);
    let term = log.term_at(Index(prev)).unwrap_or_default();
    let request = call(S1, 9, (prev, term.0), &[]);
    let conflict =
        hint.map(|(term, first)| Conflict { term: term.map(Term), first_index: Index(first) });
    check.step(format!(
        "the leader's log is {}; prev_log_index {prev} was rejected; the hint: {}",
        terms(&log),
        words(conflict)
    ));
    let reply = AppendEntriesReply { term: Term(9), success: false, conflict };
    next_index_by_hint(&log, &request, &reply).map(|index| index.0)
}

fn bypasses(check: &mut Context) -> Verdict {
    let leader = [1, 1, 5, 5, 5, 6];
    for (prev, hint) in [(6, (Some(4), 3)), (5, (Some(2), 4)), (6, (None, 3)), (6, (None, 1))] {
        let happened = goes_on(check, &leader, prev, Some(hint));
        check.equal("the next index", happened, Some(hint.1))?;
    }
    // The hint is optional: a follower need not give one.
    let happened = goes_on(check, &leader, 6, None);
    check.equal("the next index by the hint", happened, None)
}

fn shares(check: &mut Context) -> Verdict {
    // The follower has term 4 from index 3 to 6; the leader from 3 to 4.
    for (leader, prev, hint, most) in [
        (&[1, 1, 4, 4, 6, 6][..], 6, (Some(4), 3), 5),
        (&[1, 1, 1, 4, 6, 6, 6], 7, (Some(4), 2), 5),
    ] {
        let happened = goes_on(check, leader, prev, Some(hint));
        let right = happened.is_some_and(|next| (hint.1..=most).contains(&next));
        let expected = format!("the next index: from {} to {most}", hint.1);
        let happened =
            happened.map_or("no next index".to_owned(), |next| format!("the next index: {next}"));
        check.holds(right, expected, happened)?;
    }
    Ok(())
}

/// The follower is repaired; says how many requests it has rejected.
fn refusals(
    check: &mut Context,
    leader: Vec<u64>,
    follower: Vec<u64>,
) -> Result<usize, Box<gates::Failure>> {
    let mut world = world(check, table(9), &[leader, follower])?;
    told(check, world.settle())?;
    mended(check, &world)?;
    let Traffic { refusals, .. } = traffic(&world, S2);
    Ok(refusals)
}

fn by_terms(check: &mut Context) -> Verdict {
    let leader = times(&[(10, 1), (25, 5), (25, 6)]);
    for terms in [1, 2, 5, 10] {
        let parts: Vec<(usize, u64)> =
            (0..terms).map(|term| (50 / terms, 10 + term as u64)).collect();
        let follower = [times(&[(10, 1)]), times(&parts)].concat();
        check.step(format!(
            "S1 leads, with 60 entries in its log; the last 50 of S2's conflict with them, and are of \
             {terms} term{}",
            if terms == 1 { "" } else { "s" }
        ));
        let refusals = refusals(check, leader.clone(), follower)?;
        // One for each term of the follower's and the leader's, and one more; twice.
        let most = 2 * (terms + 2 + 1);
        let expected = format!("S2 rejects at most {most} requests");
        few(check, refusals, most, expected)?;
    }
    Ok(())
}

fn by_length(check: &mut Context) -> Verdict {
    check.step("S1 leads, with 60 entries in its log; the last 50 are missing in S2's");
    let leader = times(&[(10, 1), (25, 5), (25, 6)]);
    let refusals = refusals(check, leader, times(&[(10, 1)]))?;
    few(check, refusals, 4, "S2 rejects at most 4 requests".to_owned())
}

/// Both functions may be right, and nothing may call them.
fn few(check: &Context, refusals: usize, most: usize, expected: String) -> Verdict {
    check
        .holds(refusals <= most, expected, format!("it refuses {refusals}"))
        .map_err(|failure| failure.note(CALLERS))
}
