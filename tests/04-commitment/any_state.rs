//! Exercise 4.3: requests that reach a server in any state.

use gates::{Check, Checks, Context, Verdict};

use super::grid::{SENDER, TERM, each_append};
use super::model::Role;
use super::table;

const OLD: &str = "AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < currentTerm\", whatever the receiver \
     is. What an older leader has committed is committed, but this request is rejected, and commits nothing.";
const STEP5: &str = "AppendEntries, receiver, step 5 (§5.3): \"If leaderCommit > commitIndex, set commitIndex = \
     min(leaderCommit, index of last new entry)\". A heartbeat's last new entry is the one \
     that precedes: it moves the commit index, too.";
const FALLS: &str = "Figure 2, State: commitIndex \"increases monotonically\". A leader may know less than its follower, and \
     an old request may arrive late; what was committed stays committed.";
const REJECTED: &str = "AppendEntries, receiver, step 2 (§5.3): the log does not contain the entry that precedes, so the \
     request is rejected. Nothing is known about what follows in this log, and nothing of it may be committed.";
const STALE: &str = "AppendEntries, receiver, step 5 (§5.3): \"min(leaderCommit, index of last new entry)\". This request has \
     shown that the logs agree up to its last entry. What follows that in the receiver's log may be an old leader's, and \
     must not be committed on this leader's word.";
const STEPS: &str = "AppendEntries, receiver, steps 2 to 4 (§5.3), come before step 5 and do not depend on it: what is \
     committed is no reason to pass over entries, or to acknowledge what is not stored.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("4.3")
        .about("append_entries")
        .claims([
            ("In every state, the commit index is that of step 5", STEP5, step_5),
            (
                "A leader with an older term is rejected in every state, and commits nothing",
                OLD,
                old_leader,
            ),
        ])
        .list()
}

fn old_leader(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(3),
        |term| term < TERM,
        |check, state, _, after| {
            after.answered(check, &format!("success false, term {TERM}"))?;
            after.changed_nothing(check, state)
        },
    )
}

fn step_5(check: &mut Context) -> Verdict {
    each_append(
        check,
        table(3),
        |term| term >= TERM,
        |check, state, request, after| {
            let success = request.matches(state.log);
            let before = state.log.len().min(1) as u64;
            let last_new = (request.prev.0 + request.entries.len()) as u64;
            let committed = if success { request.commit.min(last_new).max(before) } else { before };
            let as_before = after
                .answered(check, &format!("success {success}, term {}", request.term))
                .and_then(|()| after.has_log(check, &request.merged(state.log)))
                .and_then(|()| {
                    let vote = state.voted_for.filter(|_| request.term == TERM);
                    after.is(check, &Role::Follower { leader: Some(SENDER) }, request.term, vote)
                });
            as_before.map_err(|failure| failure.because(STEPS))?;
            let happened = after.node.commit_index.0;
            let why = match () {
                () if happened < before => FALLS,
                () if !success => REJECTED,
                () if happened > last_new => STALE,
                () => STEP5,
            };
            let verdict = check.equal("S1's commit index", happened, committed);
            verdict.map_err(|failure| failure.because(why))
        },
    )
}
