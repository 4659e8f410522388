//! Exercise 6.5: what a reply to a chunk tells the leader, and how a new leadership begins.

use gates::{Check, Checks, Context, Verdict};

use super::model::{Progress, Role};
use super::sending::{
    DATA, beat, chunk, end, is_sent_all, known, leading, reply, take_all, takes_newer, to_s2, words,
};
use super::servers::{S2, S3, append};
use super::subject::protocol::{
    AppendEntriesReply, CallId, Effect, Event, Index, InstallSnapshot, Reply, Request, RequestVote,
    RequestVoteReply, Term, Timer,
};

const COMPLETE: &str = "Figure 13, §7: a follower that has stored the whole snapshot holds the log up to \
     lastIncludedIndex: that is its matchIndex, and it is sent what follows.";
const LOST: &str = "§5.5: \"If a follower or candidate crashes, then future […] RPCs sent to it will \
     fail. Raft handles these failures by retrying indefinitely\": here, with the next heartbeat, from \
     what the follower is known to have.";
const CRASHED: &str = "§7, protocol::InstallSnapshotReply: stored says how much the follower has now. If \
     it has crashed meanwhile, the part that it had is gone, and is sent again.";
const LEADERSHIP: &str = "Figure 2, \"Volatile state on leaders (reinitialized after election)\": what a \
     leader knows of its followers belongs to one leadership. A new one begins with empty AppendEntries \
     RPCs, even to a follower that was being sent a snapshot.";
const OLDER: &str = "Figure 13: a reply belongs to the chunk that was sent. An older snapshot, which ends earlier, says nothing about the one that the follower is being sent now, even if it is stored.";
const BACK: &str =
    "Figure 2, matchIndex: \"increases monotonically\". A late reply takes nothing back.";
const NOT_LEADING: &str = "Figure 2, \"Volatile state on leaders\": only a leader tracks the progress of \
     others, and only that of its followers.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.5")
        .each([
            (
                "install_snapshot_reply",
                "A lost chunk is sent again with the next heartbeat",
                LOST,
                lost,
            ),
            (
                "install_snapshot_reply",
                "A follower that has stored a whole snapshot is sent what follows it",
                COMPLETE,
                complete,
            ),
            (
                "install_snapshot_reply",
                "A follower that has lost its part is sent that part again",
                CRASHED,
                crashed,
            ),
            (
                "install_snapshot_reply",
                "A reply about an older snapshot says nothing about the present one",
                OLDER,
                older,
            ),
            ("install_snapshot_reply", "A late reply takes nothing back", BACK, takes_nothing_back),
            ("install_snapshot_reply", "Duplicated replies do no harm", BACK, replies_twice),
            (
                "install_snapshot_reply",
                "A server that is not leader learns nothing from a reply",
                NOT_LEADING,
                not_leading,
            ),
            (
                "elected",
                "A new leadership does not continue the transfers of an earlier one",
                LEADERSHIP,
                elected_again,
            ),
        ])
        .list()
}

fn complete(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    take_all(check, &mut node, first, Vec::new())?;
    check.step("S2 has stored the snapshot, which ends with 4@2");
    check.equal("match_index of S2", known(&node).0, 4)?;
    check.equal("next_index of S2", known(&node).1, 5)?;
    let sent = beat(check, &mut node)?;
    let expected = "AppendEntries after 4@2 with 3 entries";
    check.same_text("what S2 is sent with the next heartbeat", &words(&sent), expected)
}

fn lost(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    check.step("the first chunk is lost; the heartbeat timer runs out again");
    chunk(check, &mut node)?;
    let again = chunk(check, &mut node)?;
    check.equal("the chunk's offset", again.offset, 0)?;
    if again.done {
        return is_sent_all(check, &mut node, again, Vec::new());
    }
    check.step(
        "S2 has stored the first chunk; the second is lost; the heartbeat timer runs out again",
    );
    let stored = again.data.to_vec();
    reply(check, &mut node, &again, end(&again))?;
    let again = chunk(check, &mut node)?;
    check.equal("the chunk's offset", again.offset, stored.len() as u64)?;
    is_sent_all(check, &mut node, again, stored)
}

fn crashed(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    if first.done {
        return Ok(());
    }
    check.step(
        "S2 has stored the first chunk, and crashes; to the second it replies that it has stored 0 bytes",
    );
    let sent = reply(check, &mut node, &first, end(&first))?;
    let second = match sent.as_slice() {
        [Request::InstallSnapshot(second)] => second.clone(),
        _ => chunk(check, &mut node)?,
    };
    let sent = reply(check, &mut node, &second, 0)?;
    let again = match sent.as_slice() {
        [Request::InstallSnapshot(again)] => again.clone(),
        _ => chunk(check, &mut node)?,
    };
    check.equal("match_index of S2", known(&node).0, 0)?;
    is_sent_all(check, &mut node, again, Vec::new())
}

fn takes_nothing_back(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    let last = InstallSnapshot { done: true, ..first };
    if let Role::Leader { progress } = &mut node.role {
        progress.insert(S2, Progress { next_index: Index(8), match_index: Index(7) });
    }
    check.step(
        "S2 holds all seven entries by now; a late reply says that it has stored the snapshot up to index 4",
    );
    reply(check, &mut node, &last, DATA.len() as u64)?;
    check.equal("match_index of S2", known(&node).0, 7)?;
    check.equal("next_index of S2", known(&node).1, 8)
}

fn older(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let old = chunk(check, &mut node)?;
    take_all(check, &mut node, old.clone(), Vec::new())?;
    takes_newer(&mut node);
    if let Role::Leader { progress } = &mut node.role {
        progress.insert(S2, Progress { next_index: Index(5), match_index: Index(4) });
    }
    let first = chunk(check, &mut node)?;
    check.step(
        "S2 has stored a snapshot that ends at index 4, and is now sent one that ends at index 6; a late \
         reply says that all of the older one is stored",
    );
    let old = InstallSnapshot { done: true, ..old };
    reply(check, &mut node, &old, DATA.len() as u64)?;
    let (match_index, next_index) = known(&node);
    let happened = format!("it is {match_index}");
    check.holds(match_index <= 4, "match_index of S2 is at most 4", happened)?;
    let happened = format!("it is {next_index}");
    check.holds(next_index <= 5, "next_index of S2 is at most 5", happened)?;
    let again = chunk(check, &mut node)?;
    check.equal("the last included index of what S2 is sent", again.last_included_index.0, 6)?;
    check.equal("the chunk's offset", again.offset, first.offset)
}

fn replies_twice(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    if first.done {
        return Ok(());
    }
    let mut stored = first.data.to_vec();
    check.step(
        "S2 replies to the first chunk, and its reply arrives twice; then it replies to the second",
    );
    reply(check, &mut node, &first, end(&first))?;
    reply(check, &mut node, &first, end(&first))?;
    check.equal("match_index of S2", known(&node).0, 0)?;
    let second = chunk(check, &mut node)?;
    let expected = "no part of the snapshot is skipped that S2 does not have";
    let happened = format!("the chunk begins at byte {}, S2 has {}", second.offset, stored.len());
    check.holds(second.offset <= stored.len() as u64, expected, happened)?;
    stored.truncate(usize::try_from(second.offset).unwrap_or(0));
    is_sent_all(check, &mut node, second, stored)?;
    // Once more, late: nothing may change.
    let before = known(&node);
    check.step("S2 has stored all of it; its reply to the first chunk arrives once more");
    reply(check, &mut node, &first, end(&first))?;
    check.equal("match_index and next_index of S2", known(&node), before)
}

fn not_leading(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    node.role = Role::Follower { leader: None };
    check.step("S1 is no longer leader; S2 replies to a chunk of this term");
    let sent = reply(check, &mut node, &first, DATA.len() as u64)?;
    check.same_text("what S2 is sent", &words(&sent), "nothing")?;
    let mut node = leading(1);
    if let Role::Leader { progress } = &mut node.role {
        progress.remove(&S2);
    }
    check.step(
        "S1 is leader, and S2 is not one of its followers; S2 replies to a chunk of this term",
    );
    let sent = reply(check, &mut node, &first, DATA.len() as u64)?;
    check.same_text("what S2 is sent", &words(&sent), "nothing")?;
    // A reply to entries still counts as before.
    let mut node = leading(5);
    let request = match beat(check, &mut node)?.as_slice() {
        [Request::AppendEntries(request)] => request.clone(),
        other => return Err(check.failure("S2 is sent entries", words(other))),
    };
    check.step("S2 needs entry 5, which is there, and has stored what it was sent");
    let reply = AppendEntriesReply { term: Term(3), success: true, conflict: None };
    let request = Request::AppendEntries(request);
    let reply = Reply::AppendEntries(reply);
    check.handle(&mut node, Event::Reply { call: CallId(1), from: S2, request, reply })?;
    check.equal("match_index of S2", known(&node).0, 7)
}

fn elected_again(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    reply(check, &mut node, &first, end(&first))?;
    check.step(
        "S2 has stored the first chunk of a snapshot; S3 becomes leader of term 4; then S1 is elected for \
         term 5",
    );
    let request = Request::AppendEntries(append(4, (7, 3), &[], 7));
    check.handle(&mut node, Event::Request { call: CallId(7), from: S3, request })?;
    check.handle(&mut node, Event::Timeout(Timer::Election))?;
    let request = Request::RequestVote(RequestVote {
        term: node.current_term,
        candidate_id: node.id,
        last_log_index: node.log.last_index(),
        last_log_term: node.log.last_term(),
        leadership_transfer: false,
    });
    let reply = RequestVoteReply { term: node.current_term, vote_granted: true };
    let reply = Reply::RequestVote(reply);
    let event = Event::Reply { call: CallId(8), from: S3, request, reply };
    let effects = check.handle(&mut node, event)?;
    check.equal("the term that S1 leads", node.leads(), Some(Term(5)))?;
    let beats = effects
        .iter()
        .any(|effect| matches!(effect, Effect::SetTimer { timer: Timer::Heartbeat, .. }));
    check.holds(beats, "its heartbeat timer is armed", "it is not")?;
    let sent = to_s2(effects);
    let entries_only = sent.iter().all(|request| matches!(request, Request::AppendEntries(_)));
    check.holds(
        entries_only && !sent.is_empty(),
        "S2 is sent AppendEntries, and no chunk",
        words(&sent),
    )
}
