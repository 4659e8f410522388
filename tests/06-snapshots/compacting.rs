//! Exercise 6.1: a log whose beginning is gone.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Log, RaftNode, Role};
use super::servers::{
    S2, append, ask, calls, counted, entries, leader, log_of, log_words, server, told,
};
use super::subject::compaction::compact;
use super::subject::protocol::{
    AppendEntries, Event, Index, Reply, Request, RequestVote, Term, Timer,
};
use super::table;

const FIGURE_12: &str = "§7, Figure 12: \"a server replaces the committed entries in its log […] with a \
     new snapshot\"; the snapshot includes index and term of \"the last entry in the log that the snapshot \
     replaces\". The entries that follow it stay.";
const STEP_7: &str = "Figure 13, receiver, steps 6 and 7: \"If existing log entry has same index and \
     term as snapshot's last included entry, retain log entries following it\"; otherwise \"Discard the \
     entire log\".";
const STABLE: &str = "Figure 2, \"Persistent state on all servers\": compacting writes nothing by \
     itself. What was not on disk before is not on disk afterwards, and still has to be saved before \
     anyone counts on it.";
const CHECK: &str = "§7: the last included index and term are kept \"to support the AppendEntries \
     consistency check for the first log entry following the snapshot\".";
const BELOW: &str = "§7, §5.4: a snapshot replaces only committed entries, so every leader's log agrees \
     with it up to its end. The request may be an old one, or one whose reply was lost. A follower that \
     rejects it makes the leader look for a place that does not exist; one that takes missing entries \
     for a conflict deletes committed ones.";
const COMMIT: &str = "AppendEntries, receiver, step 5: commitIndex = min(leaderCommit, index of last new \
     entry), and it never decreases.";
const VOTES: &str = "§5.4.1: logs are compared by term and index of their last entries. If every entry \
     is compacted away, these are the snapshot's last included term and index (§7).";
const SENDS: &str = "§5.3, §7: a leader sends the entries from nextIndex on, with index and term of the \
     preceding entry; at the base it still knows both.";
const STALE: &str = "AppendEntries, receiver, step 1 (§5.1): a request of an older term is rejected, \
     wherever it begins.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.1")
        .each([
            ("compact", "Entries after the new base stay", FIGURE_12, keeps_what_follows),
            (
                "compact",
                "A log that is compacted to its end ends with the snapshot's last entry",
                FIGURE_12,
                to_the_end,
            ),
            ("compact", "A snapshot beyond the end of the log replaces all of it", STEP_7, beyond),
            (
                "compact",
                "A log that holds another entry at the snapshot's end is discarded",
                STEP_7,
                conflict,
            ),
            ("compact", "A log can be compacted again", FIGURE_12, again),
            ("compact", "Compacting does not mark entries as saved that are not", STABLE, stable),
            (
                "append_entries",
                "The consistency check works at the base and above it",
                CHECK,
                at_the_base,
            ),
            (
                "append_entries",
                "A request that begins below the base is merged from the base on",
                BELOW,
                below,
            ),
            (
                "append_entries",
                "A request that ends below the base succeeds and changes nothing",
                BELOW,
                all_gone,
            ),
            (
                "append_entries",
                "A conflict above the base is overwritten, wherever the request begins",
                BELOW,
                conflict_above,
            ),
            (
                "append_entries",
                "A request that begins below the base commits what it shows to agree",
                COMMIT,
                commits,
            ),
            (
                "append_entries",
                "A leader of an older term is rejected even below the base",
                STALE,
                older_term,
            ),
            (
                "compact",
                "A voter whose whole log is compacted compares with the snapshot's end",
                VOTES,
                votes,
            ),
            (
                "compact",
                "A leader whose log is compacted sends the entries after the base",
                SENDS,
                sends,
            ),
        ])
        .list()
}

/// A log of these terms from index 1 on.
fn log(terms: &[u64]) -> Log {
    Log::with_base(Index(0), Term(0), entries(1, terms))
}

/// Compacts a log; what it is then must be as expected.
fn compacted(
    check: &mut Context,
    log: &mut Log,
    (index, term): (u64, u64),
    expected: &str,
) -> Verdict {
    check.step(format!("a log with {}; compact to {index}@{term}", log_words(log)));
    compact(log, Index(index), Term(term));
    check.same_text("the log", &log_words(log), expected)
}

fn keeps_what_follows(check: &mut Context) -> Verdict {
    let mut log = log(&[1, 1, 2, 2, 3, 3]);
    compacted(check, &mut log, (4, 2), "base 4@2, entries after it: 3 3")?;
    check.holds(log.entry(Index(4)).is_none(), "entry 4 is gone", "it is still there")?;
    check.equal("the term at the base", log.term_at(Index(4)), Some(Term(2)))?;
    check.equal("the term below the base", log.term_at(Index(3)), None)?;
    for (index, entry) in (5..).zip(entries(5, &[3, 3])) {
        let expected = format!("the entry at index {index} is the one that was there");
        let kept = log.entry(Index(index)) == Some(&entry);
        check.holds(
            kept,
            expected,
            "it is another one, at its place in the log or in its command",
        )?;
    }
    Ok(())
}

fn to_the_end(check: &mut Context) -> Verdict {
    let mut log = log(&[1, 1, 2]);
    compacted(check, &mut log, (3, 2), "base 3@2, entries after it: none")?;
    check.equal("the last index", log.last_index().0, 3)?;
    check.equal("the last term", log.last_term().0, 2)
}

fn beyond(check: &mut Context) -> Verdict {
    compacted(check, &mut log(&[1, 1]), (5, 3), "base 5@3, entries after it: none")?;
    compacted(check, &mut log(&[]), (2, 1), "base 2@1, entries after it: none")
}

fn conflict(check: &mut Context) -> Verdict {
    compacted(check, &mut log(&[1, 1, 2, 2, 2]), (3, 3), "base 3@3, entries after it: none")
}

fn again(check: &mut Context) -> Verdict {
    let mut log = Log::with_base(Index(4), Term(2), entries(5, &[3, 3, 4]));
    compacted(check, &mut log, (6, 3), "base 6@3, entries after it: 4")?;
    compacted(check, &mut log, (7, 4), "base 7@4, entries after it: none")
}

fn stable(check: &mut Context) -> Verdict {
    for (before, (index, term), most) in
        [(2, (4, 2), 4), (5, (4, 2), 5), (6, (4, 2), 6), (6, (4, 9), 4), (3, (8, 4), 8)]
    {
        let mut log = log(&[1, 1, 2, 2, 3, 3]);
        log.set_stable(Index(before));
        check.step(format!(
            "a log of 6 entries, of which {before} are on disk; compact to {index}@{term}"
        ));
        compact(&mut log, Index(index), Term(term));
        let stable = log.stable().0;
        let expected = format!("no entry after index {most} is known to be on disk");
        check.holds(stable <= most, expected, format!("stable is {stable}"))?;
    }
    Ok(())
}

/// A follower in term 3 whose log is compacted to 4@2, with entries 5 and 6 of term 3; committed and
/// applied is 4.
fn follower() -> RaftNode {
    let mut node = server(table(1), 3, &[1, 1, 2, 2], 4);
    node.log = Log::with_base(Index(4), Term(2), entries(5, &[3, 3]));
    node.commit_index = Index(4);
    node
}

/// What becomes of the follower when S2 sends a request: whether it succeeds, and the log in words.
fn requested(
    check: &mut Context,
    node: &mut RaftNode,
    request: AppendEntries,
) -> Result<(bool, String), Box<gates::Failure>> {
    check.step(format!(
        "a follower in term {} with {}; S2 sends AppendEntries of term {}: prevLog {}@{}, {}, leaderCommit {}",
        node.current_term,
        log_of(node),
        request.term,
        request.prev_log_index,
        request.prev_log_term,
        counted(request.entries.len(), "entry", "entries"),
        request.leader_commit
    ));
    match ask(check, node, Request::AppendEntries(request))? {
        Reply::AppendEntries(reply) => Ok((reply.success, log_of(node))),
        other => Err(check.failure("a reply to AppendEntries", other.name())),
    }
}

fn is_after(check: &mut Context, request: AppendEntries, success: bool, expected: &str) -> Verdict {
    let mut node = follower();
    let (succeeded, log) = requested(check, &mut node, request)?;
    check.equal("success", succeeded, success)?;
    check.same_text("its log", &log, expected)
}

const AS_BEFORE: &str = "base 4@2, entries after it: 3 3";

fn at_the_base(check: &mut Context) -> Verdict {
    is_after(check, append(3, (4, 2), &[3, 3, 3], 4), true, "base 4@2, entries after it: 3 3 3")?;
    is_after(check, append(3, (5, 3), &[3], 4), true, AS_BEFORE)?;
    is_after(check, append(3, (6, 3), &[3], 4), true, "base 4@2, entries after it: 3 3 3")?;
    is_after(check, append(3, (5, 2), &[3], 4), false, AS_BEFORE)?;
    is_after(check, append(3, (7, 3), &[3], 4), false, AS_BEFORE)
}

fn below(check: &mut Context) -> Verdict {
    let longer = "base 4@2, entries after it: 3 3 3";
    is_after(check, append(3, (2, 1), &[2, 2, 3, 3, 3], 4), true, longer)?;
    is_after(check, append(3, (3, 2), &[2, 3, 3, 3], 4), true, longer)?;
    is_after(check, append(3, (0, 0), &[1, 1, 2, 2, 3, 3, 3], 4), true, longer)?;
    is_after(check, append(3, (2, 1), &[2, 2, 3], 4), true, AS_BEFORE)
}

fn all_gone(check: &mut Context) -> Verdict {
    for (prev, terms) in [((1, 1), &[1][..]), ((3, 2), &[]), ((0, 0), &[]), ((2, 1), &[2, 2])] {
        is_after(check, append(3, prev, terms, 4), true, AS_BEFORE)?;
    }
    Ok(())
}

fn conflict_above(check: &mut Context) -> Verdict {
    let mut node = follower();
    node.current_term = Term(4);
    let (success, log) = requested(check, &mut node, append(4, (2, 1), &[2, 2, 4], 4))?;
    check.equal("success", success, true)?;
    check.same_text("its log", &log, "base 4@2, entries after it: 4")
}

fn commits(check: &mut Context) -> Verdict {
    for (prev, terms, leader_commit, expected) in [
        ((2, 1), &[2, 2, 3][..], 9, 5),
        ((2, 1), &[2, 2, 3, 3], 5, 5),
        ((1, 1), &[1], 9, 4),
        ((3, 2), &[2], 9, 4),
        ((0, 0), &[], 2, 4),
    ] {
        let mut node = follower();
        requested(check, &mut node, append(3, prev, terms, leader_commit))?;
        check.equal("the commit index", node.commit_index.0, expected)?;
    }
    Ok(())
}

fn older_term(check: &mut Context) -> Verdict {
    is_after(check, append(2, (2, 1), &[2, 2, 2], 4), false, AS_BEFORE)?;
    is_after(check, append(2, (1, 1), &[1], 4), false, AS_BEFORE)
}

fn votes(check: &mut Context) -> Verdict {
    for ((index, term), expected) in
        [((4, 1), false), ((9, 1), false), ((3, 2), false), ((4, 2), true), ((1, 3), true)]
    {
        let mut node = server(table(1), 3, &[1, 1, 2, 2], 4);
        compact(&mut node.log, Index(4), Term(2));
        check.step(format!(
            "a voter with {}; a candidate of term 5, whose log ends with {index}@{term}, asks for its vote",
            log_of(&node)
        ));
        let request = Request::RequestVote(RequestVote {
            term: Term(5),
            candidate_id: S2,
            last_log_index: Index(index),
            last_log_term: Term(term),
            leadership_transfer: false,
        });
        let granted = match ask(check, &mut node, request)? {
            Reply::RequestVote(reply) => reply.vote_granted,
            other => return Err(check.failure("a reply to RequestVote", other.name())),
        };
        check.equal("vote granted", granted, expected)?;
    }
    Ok(())
}

fn sends(check: &mut Context) -> Verdict {
    for (matched, expected) in [
        (4, "AppendEntries after 4@2 with 2 entries"),
        (5, "AppendEntries after 5@3 with 1 entry"),
        (6, "AppendEntries after 6@3 with no entries"),
    ] {
        let mut node = server(table(1), 3, &[1, 1, 2, 2, 3, 3], 4);
        compact(&mut node.log, Index(4), Term(2));
        node.role = leader(&[(2, matched), (3, 6)]);
        check.step(format!(
            "a leader with {}; S2 holds the entries up to {matched}; the heartbeat timer runs out",
            log_of(&node)
        ));
        let effects = check.handle(&mut node, Event::Timeout(Timer::Heartbeat))?;
        let to_s2 = calls(effects).into_iter().find(|(to, _)| *to == S2);
        let sent = to_s2.map_or("nothing".to_owned(), |(_, request)| told(&request));
        check.same_text("what S2 is sent", &sent, expected)?;
        check.holds(matches!(node.role, Role::Leader { .. }), "it is still leader", "it is not")?;
    }
    Ok(())
}
