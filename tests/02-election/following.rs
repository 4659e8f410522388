//! Exercise 2.7: following the leader.

use std::cell::Cell;

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode, Role, Rules};
use super::servers::{
    S2, S3, answer, beats, candidate, draws_each_time, follower, leader, log, seeded, server,
    state, waits_anew, waits_on,
};
use super::subject::protocol::{Effect, ServerId, Term};
use super::subject::{RULES, follow};
use super::table;

const FOLLOW: &str = "Rules for Servers, Candidates: \"If AppendEntries RPC received from new leader: \
     convert to follower\" (§5.2). Whether the logs match is another matter.";
const FOLLOWING: &str = "§5.2: a server \"remains in follower state as long as it receives valid RPCs from a \
     leader or candidate\": it knows its leader, waits again for the leader's next request, and keeps the vote that it gave in this term.";
const CURRENT: &str = "Rules for Servers, Followers (§5.2): the election timeout starts again when an AppendEntries comes \"from current leader\", whether or not the logs match.";
const OLDER: &str = "Figure 2, AppendEntries, receiver, step 1 (§5.1): \"Reply false if term < \
     currentTerm\". A leader of an older term has no say: if it could reset the timer, a server that \
     hears it alone would never look for the new one.";

const TABLE: &str = "docs/architecture.md: a rule calls another rule through the table. Module 7 replaces the row \
     `follow`, and its version is found only if you call `node.follow`.";
const DRAWN: &str = "§5.2: one round of heartbeats resets the timers of all followers at about the same moment. If the \
     leader fails, randomized timeouts must keep them from timing out together: each draws a new one.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("2.7").each([
        ("follow", "A follower records its leader and restarts its election timer", FOLLOWING, follows),
        ("append_entries", "The current leader is followed, whether or not the logs match", FOLLOW, current),
        ("append_entries", "The current leader resets the election timer", CURRENT, resets),
        ("follow", "Followers of one leader wait for different times", DRAWN, drawn),
        ("append_entries", "A leader of an older term changes nothing, not even the election timer", OLDER, older),
        ("append_entries", "The leader is followed by the row follow", TABLE, by_the_table),
    ]);
    checks.list()
}

fn follows(check: &mut Context) -> Verdict {
    for role in [follower(), Role::Follower { leader: Some(S3) }, candidate(&[1])] {
        let mut node = server(table(7), 3, 3, role);
        let vote = node.voted_for;
        check.step(format!("S1 of 3: {}; it follows S3", state(&node)));
        let mut out = Outbox::new();
        follow(&mut node, S3, &mut out);
        let mut expected = server(table(7), 3, 3, Role::Follower { leader: Some(S3) });
        expected.voted_for = vote;
        check.same_text("S1", &state(&node), &state(&expected))?;
        waits_anew(check, &node, &out.into_effects())?;
    }
    Ok(())
}

fn drawn(check: &mut Context) -> Verdict {
    draws_each_time(check, |check, seed| {
        check.step(format!(
            "S1, whose random generator has the seed {seed}, is a follower of term 3; S3, leader of term 3, sends a \
             heartbeat"
        ));
        let mut node = seeded(table(7), 3, seed);
        node.current_term = Term(3);
        let effects = check.handle(&mut node, beats(S3, 3, (0, 0)))?;
        Ok((node, effects))
    })
}

/// What may be before the entries of a request: a place in S1's log, one beyond it, and one where it
/// holds an entry of another term.
const PREVS: [(u64, u64); 4] = [(0, 0), (2, 2), (9, 3), (2, 1)];

/// S1 of three, whose log has entries of the terms 1 and 2, hears S3.
fn heard(
    check: &mut Context,
    role: Role,
    term: u64,
    prev: (u64, u64),
) -> Result<(RaftNode, Vec<Effect>), Box<Failure>> {
    let mut node = server(table(7), 3, 3, role);
    node.log = log((0, 0), &[1, 2]);
    let (index, of) = prev;
    check.step(format!(
        "S1 of 3: {}, its log [1, 2]; S3, leader of term {term}, calls, prev_log_index {index}, \
         prev_log_term {of}",
        state(&node)
    ));
    let effects = check.handle(&mut node, beats(S3, term, prev))?;
    Ok((node, effects))
}

fn roles() -> [Role; 3] {
    [follower(), Role::Follower { leader: Some(S3) }, candidate(&[1])]
}

fn current(check: &mut Context) -> Verdict {
    for role in roles() {
        for prev in PREVS {
            let vote = matches!(role, Role::Candidate { .. });
            let (node, _) = heard(check, role.clone(), 3, prev)?;
            let vote = if vote { "voted for S1" } else { "no vote given" };
            check.same_text("S1", &state(&node), &format!("follower of S3, term 3, {vote}"))?;
            let (node, _) = heard(check, role.clone(), 4, prev)?;
            check.same_text("S1", &state(&node), "follower of S3, term 4, no vote given")?;
        }
    }
    Ok(())
}

fn resets(check: &mut Context) -> Verdict {
    for role in roles() {
        for prev in PREVS {
            for term in [3, 4] {
                let (node, effects) = heard(check, role.clone(), term, prev)?;
                waits_anew(check, &node, &effects)?;
            }
        }
    }
    Ok(())
}

fn older(check: &mut Context) -> Verdict {
    let follower_of = |leader| Role::Follower { leader };
    for role in [follower(), follower_of(Some(S2)), candidate(&[1]), leader()] {
        for term in [2, 0] {
            let before = state(&server(table(7), 3, 3, role.clone()));
            let (node, effects) = heard(check, role.clone(), term, (0, 0))?;
            check.same_text("S1's reply", &answer(&effects), "success false, term 3")?;
            check.same_text("S1", &state(&node), &before)?;
            waits_on(check, &effects)?;
        }
    }
    Ok(())
}

thread_local! {
    static FOLLOWED: Cell<Option<ServerId>> = const { Cell::new(None) };
}

fn note(_: &mut RaftNode, leader: ServerId, _: &mut Outbox) {
    FOLLOWED.set(Some(leader));
}

static NOTING: Rules = Rules { follow: note, ..RULES };

fn by_the_table(check: &mut Context) -> Verdict {
    let mut node = server(&NOTING, 3, 3, follower());
    check.step(format!("S1 of 3: {}; S3, leader of term 3, sends a heartbeat", state(&node)));
    FOLLOWED.set(None);
    check.handle(&mut node, beats(S3, 3, (0, 0)))?;
    let followed = FOLLOWED.get().map_or("no server".to_owned(), |id| id.to_string());
    check.same_text("the row follow runs for", &followed, "S3")
}
