//! Exercise 3.6: what a reply tells the leader.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, Progress, RaftNode, Rules};
use super::servers::{
    S1, S2, S3, answers, call, carried, follower, has_log, leader, progress, progress_of, sent,
    server, terms,
};
use super::subject::RULES;
use super::subject::protocol::{Effect, Index, ServerId, Term};
use super::table;

const CARRIED: &str = "Rules for Servers, Leaders (§5.3): \"If successful: update nextIndex and matchIndex \
     for follower\". The follower holds what *this request* carried: everything up to prevLogIndex and \
     the number of its entries. It has not seen what the leader has appended since.";
const BACK: &str = "Rules for Servers, Leaders (§5.3): \"If AppendEntries fails because of log \
     inconsistency: decrement nextIndex and retry\".";
const OLD: &str = "Figure 2: matchIndex \"increases monotonically\". An answer may have been overtaken by \
     later ones; it takes nothing back.";
const STALE: &str = "Figure 2: matchIndex is \"known to be replicated\", and so nextIndex lies above it, and \
     above 0. A rejection from before that was known says nothing any more, however often it arrives.";
const TERM: &str = "Rules for Servers, All Servers (§5.1): a rejection for the term comes with a higher term. It \
     says nothing about the logs: the leader is deposed.";
const EARLIER: &str = "Figure 2: nextIndex[] and matchIndex[] are \"reinitialized after election\". A reply to a request of an earlier term of the same server, when it led, too, says nothing about now: the \
     follower's log may have been cut since.";
const AGAIN_ELECTED: &str = "Figure 2: matchIndex[] is \"reinitialized after election\". What the leader learned of a \
     follower in an earlier term does not count: another leader may have replaced those entries since.";
const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 6 replaces the row \
     `replicate_to`, and its version is found only if you call `node.replicate_to`.";
const OTHERS: &str = "Figure 2: nextIndex[] and matchIndex[] are kept \"for each server\".";
const ONLY: &str = "§5.3: only a leader keeps progress, of those who are its followers.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("3.6")
        .about("append_entries_reply")
        .claims([
            ("A success counts for what the request carried", CARRIED, counts),
            ("A rejection sends next_index back", BACK, back),
            ("The success of a heartbeat counts up to what precedes", CARRIED, heartbeat),
            ("A success says nothing of entries appended since the call", CARRIED, appended_since),
            ("An old success takes nothing back", OLD, old_success),
            (
                "A rejection that arrives again and again keeps next_index above match_index",
                STALE,
                again,
            ),
            (
                "A stale rejection does not send next_index below what is known to match",
                STALE,
                stale,
            ),
            ("A rejection for the term moves no progress", TERM, deposed),
            ("A reply to a request of an earlier term changes nothing", EARLIER, earlier),
            (
                "A leader that is elected again counts only what it learns in its new term",
                AGAIN_ELECTED,
                elected_again,
            ),
            ("An answer moves the progress of nobody else", OTHERS, others),
            (
                "A reply to a server that does not lead, or from a stranger, counts for nothing",
                ONLY,
                only,
            ),
            ("What a follower still lacks is sent by the row replicate_to", TABLE, by_the_table),
        ])
        .list()
}

/// S1 leads three servers in term 4; it knows this of S2, and of S3 that it has nothing.
fn leading(log: &[u64], next: u64, matched: u64) -> RaftNode {
    server(table(6), 3, 4, leader(&[(next, matched), (1, 0)]), log)
}

/// An answer of `from`, in term 4, to a request of S1's with entries of these terms on `prev`.
fn answered(
    check: &mut Context,
    node: &mut RaftNode,
    from: ServerId,
    (prev, new): ((u64, u64), &[u64]),
    success: bool,
) -> Result<Vec<Effect>, Box<Failure>> {
    let request = call(S1, 4, prev, new);
    check.step(format!(
        "S1 leads term 4, its log {}, and knows:\n{}\n{from} answers success {success} to the call with \
         prev_log_index {}, prev_log_term {}, {}",
        terms(&node.log),
        progress(node),
        prev.0,
        prev.1,
        carried(&request.entries)
    ));
    check.handle(node, answers(from, request, success, 4))
}

/// What S1 knows of a follower; it must know something.
fn known(check: &Context, node: &RaftNode, peer: ServerId) -> Result<Progress, Box<Failure>> {
    progress_of(node, peer).ok_or_else(|| {
        check.failure(format!("S1 leads, and keeps the progress of {peer}"), progress(node))
    })
}

/// S1 must know of S2 that it holds all up to `matched`, and go on after that. Where there is more to
/// send, it may count on what it has just sent.
fn holds_up_to(check: &Context, node: &RaftNode, matched: u64) -> Verdict {
    let Progress { next_index, match_index } = known(check, node, S2)?;
    let told = |next: &str, matched: u64| format!("S2: next_index {next}, match_index {matched}");
    let beyond = node.log.last_index().next();
    let right = match_index == Index(matched) && match_index < next_index && next_index <= beyond;
    let next = if beyond.0 == matched + 1 {
        beyond.to_string()
    } else {
        format!("from {} to {beyond}", matched + 1)
    };
    let happened = told(&next_index.to_string(), match_index.0);
    check.holds(right, told(&next, matched), happened)
}

fn counts(check: &mut Context) -> Verdict {
    let log = [1, 1, 2, 4];
    let cases = [
        ((2, 1), &[2, 4][..], 4),
        ((0, 0), &[1, 1, 2, 4], 4),
        ((3, 2), &[4], 4),
        ((1, 1), &[1], 2),
        ((0, 0), &[1], 1),
    ];
    for (prev, new, matched) in cases {
        let mut node = leading(&log, prev.0 + 1, 0);
        answered(check, &mut node, S2, (prev, new), true)?;
        holds_up_to(check, &node, matched)?;
    }
    Ok(())
}

fn appended_since(check: &mut Context) -> Verdict {
    // The call carried two entries; the log has five by now.
    let mut node = leading(&[1, 1, 4, 4, 4], 2, 0);
    answered(check, &mut node, S2, ((1, 1), &[1, 4]), true)?;
    holds_up_to(check, &node, 3)?;
    // The same, if next_index has run ahead of the replies.
    let mut node = leading(&[1, 1, 4, 4, 4], 6, 0);
    answered(check, &mut node, S2, ((1, 1), &[1, 4]), true)?;
    holds_up_to(check, &node, 3)
}

fn heartbeat(check: &mut Context) -> Verdict {
    for (log, last) in [(&[1, 1, 2][..], (3, 2)), (&[4], (1, 4)), (&[], (0, 0))] {
        let mut node = leading(log, last.0 + 1, 0);
        answered(check, &mut node, S2, (last, &[]), true)?;
        holds_up_to(check, &node, last.0)?;
    }
    // It says nothing of what follows.
    let mut node = leading(&[1, 1, 2, 4], 3, 0);
    answered(check, &mut node, S2, ((2, 1), &[]), true)?;
    holds_up_to(check, &node, 2)
}

fn back(check: &mut Context) -> Verdict {
    for (next, prev) in [(5, (4, 4)), (4, (3, 2)), (2, (1, 1))] {
        let mut node = leading(&[1, 1, 2, 4], next, 0);
        let effects = answered(check, &mut node, S2, (prev, &[]), false)?;
        let Progress { next_index, match_index } = known(check, &node, S2)?;
        check.equal("match_index of S2", match_index.0, 0)?;
        // What is tried again at once may have moved next_index on already: then the request tells.
        let tried = sent(&effects).last().map(|(_, request)| request.prev_log_index.next());
        let next = tried.unwrap_or(next_index);
        let expected = match prev.0 {
            1 => "S2: next_index 1".to_owned(),
            most => format!("S2: next_index from 1 to {most}"),
        };
        let right = Index(1) <= next && next <= Index(prev.0);
        check.holds(right, expected, format!("S2: next_index {next}"))?;
    }
    Ok(())
}

fn old_success(check: &mut Context) -> Verdict {
    for (prev, new) in [((0, 0), &[1][..]), ((1, 1), &[]), ((2, 1), &[2]), ((0, 0), &[])] {
        let mut node = leading(&[1, 1, 2, 4], 5, 4);
        answered(check, &mut node, S2, (prev, new), true)?;
        holds_up_to(check, &node, 4)?;
    }
    let mut node = leading(&[1, 1, 2, 4, 4, 4], 5, 4);
    answered(check, &mut node, S2, ((0, 0), &[1, 1]), true)?;
    holds_up_to(check, &node, 4)
}

/// next_index must lie above match_index, which has not moved, and not beyond `most`.
fn between(check: &Context, node: &RaftNode, matched: u64, most: u64) -> Verdict {
    let Progress { next_index, match_index } = known(check, node, S2)?;
    let right = match_index == Index(matched) && match_index < next_index && next_index.0 <= most;
    let expected = format!("S2: next_index from {} to {most}, match_index {matched}", matched + 1);
    let happened = format!("S2: next_index {next_index}, match_index {match_index}");
    check.holds(right, expected, happened)
}

fn again(check: &mut Context) -> Verdict {
    for matched in [0, 2] {
        let mut node = leading(&[1, 1, 2, 4], 5, matched);
        for _ in 0..6 {
            answered(check, &mut node, S2, ((4, 4), &[]), false)?;
            between(check, &node, matched, 5)?;
        }
    }
    // What was tried last was before the first entry: such a rejection is no word of a right follower,
    // and there is nothing left to step back to.
    let mut node = leading(&[1, 1], 1, 0);
    answered(check, &mut node, S2, ((0, 0), &[1, 1]), false)?;
    between(check, &node, 0, 3)
}

fn stale(check: &mut Context) -> Verdict {
    for (prev, new) in [((3, 2), &[4][..]), ((2, 1), &[]), ((1, 1), &[1, 2, 4]), ((4, 4), &[])] {
        let mut node = leading(&[1, 1, 2, 4], 5, 4);
        answered(check, &mut node, S2, (prev, new), false)?;
        between(check, &node, 4, 5)?;
    }
    for prev in [(1, 1), (2, 1), (3, 2)] {
        let mut node = leading(&[1, 1, 2, 4], 4, 2);
        answered(check, &mut node, S2, (prev, &[]), false)?;
        between(check, &node, 2, 5)?;
    }
    Ok(())
}

fn deposed(check: &mut Context) -> Verdict {
    let mut node = leading(&[1, 1, 2, 4], 4, 0);
    answered(check, &mut node, S2, ((3, 2), &[4]), true)?;
    holds_up_to(check, &node, 4)?;
    check.step("S1 leads term 4; S2 rejects a further request, being in term 6");
    let refusal = answers(S2, call(S1, 4, (4, 4), &[]), false, 6);
    let effects = check.handle(&mut node, refusal)?;
    check.equal("S1's role", &node.role, &follower())?;
    check.equal("S1's term", node.current_term, Term(6))?;
    check.equal("the number of calls", sent(&effects).len(), 0)?;
    has_log(check, &node, &[1, 1, 2, 4])
}

fn earlier(check: &mut Context) -> Verdict {
    for success in [true, false] {
        let mut node = leading(&[1, 1, 2, 4], 3, 1);
        let before = progress(&node);
        check.step(format!(
            "S1 led term 2, and leads term 4 now; it knows:\n{before}\nS2's answer, success {success}, to \
             a call of term 2 arrives"
        ));
        let effects =
            check.handle(&mut node, answers(S2, call(S1, 2, (2, 1), &[2]), success, 2))?;
        check.same_text("S1 knows", &progress(&node), &before)?;
        check.equal("the number of calls", sent(&effects).len(), 0)?;
        // An answer of this term does.
        answered(check, &mut node, S2, ((2, 1), &[2, 4]), true)?;
        holds_up_to(check, &node, 4)?;
    }
    Ok(())
}

fn elected_again(check: &mut Context) -> Verdict {
    let mut node = leading(&[1, 1, 2, 4], 5, 0);
    answered(check, &mut node, S2, ((2, 1), &[2, 4]), true)?;
    holds_up_to(check, &node, 4)?;
    check.step("S1 is deposed, and leads term 6 again; it knows nothing of S2's log");
    node.become_follower(Term(5), Some(S3));
    (node.current_term, node.voted_for) = (Term(6), Some(S1));
    node.role = leader(&[(5, 0), (5, 0)]);
    check.step(format!(
        "S1 led term 4, where S2 had its entries up to 4. It was deposed, and leads term 6. Its log {}. It knows:\n{}\n\
         S2 answers success true to the call with prev_log_index 1, prev_log_term 1, no entries",
        terms(&node.log),
        progress(&node)
    ));
    check.handle(&mut node, answers(S2, call(S1, 6, (1, 1), &[]), true, 6))?;
    let known = known(check, &node, S2)?;
    check.equal("match_index of S2", known.match_index.0, 1)
}

/// Row `replicate_to` that sends nothing.
fn sends_nothing(_: &mut RaftNode, _: ServerId, _: &mut Outbox) {}

static SILENT: Rules = Rules { replicate_to: sends_nothing, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    for (success, request) in [(true, call(S1, 4, (1, 1), &[1])), (false, call(S1, 4, (4, 4), &[]))]
    {
        let next = if success { 2 } else { 5 };
        let mut node = server(&SILENT, 3, 4, leader(&[(next, 0), (1, 0)]), &[1, 1, 2, 4]);
        check.step(format!(
            "S1 leads term 4, its log {}, with a row replicate_to that sends nothing; S2 answers success {success} to \
             the call with prev_log_index {}",
            terms(&node.log),
            request.prev_log_index
        ));
        let effects = check.handle(&mut node, answers(S2, request, success, 4))?;
        let calls = sent(&effects).len();
        let expected = "no AppendEntries, since only the row replicate_to makes them";
        check.holds(calls == 0, expected, format!("{calls} AppendEntries, past the table"))?;
    }
    Ok(())
}

fn others(check: &mut Context) -> Verdict {
    for success in [true, false] {
        let mut node = leading(&[1, 1, 2, 4], 5, 0);
        let before = progress_of(&node, S3);
        answered(check, &mut node, S2, ((4, 4), &[]), success)?;
        check.equal("S1's progress of S3", progress_of(&node, S3), before)?;
        has_log(check, &node, &[1, 1, 2, 4])?;
    }
    Ok(())
}

fn only(check: &mut Context) -> Verdict {
    for success in [true, false] {
        let mut node = server(table(6), 3, 4, follower(), &[1, 1, 2, 4]);
        let effects = answered(check, &mut node, S2, ((3, 2), &[4]), success)?;
        check.equal("S1's role", &node.role, &follower())?;
        check.equal("the number of calls", sent(&effects).len(), 0)?;
        let mut node = leading(&[1, 1, 2, 4], 5, 0);
        let before = progress(&node);
        answered(check, &mut node, ServerId(9), ((4, 4), &[]), success)?;
        check.same_text("S1 knows", &progress(&node), &before)?;
    }
    Ok(())
}
