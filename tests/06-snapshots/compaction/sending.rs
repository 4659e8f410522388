//! Exercise 6.4: sending a snapshot.

use gates::{Check, Context, Failure, Verdict};

use super::model::{Log, Progress, RaftNode, Role, Snapshot};
use super::servers::{S2, S3, calls, entries, hear, members, server, told};
use super::subject::protocol::{
    AppendEntriesReply, Bytes, CallId, Effect, Event, Index, InstallSnapshot, InstallSnapshotReply,
    Reply, Request, ServerId, Term, Timer,
};
use super::table;

const WHEN: &str = "§7: \"the leader must occasionally send snapshots to followers that lag behind. This \
     happens when the leader has already discarded the next log entry that it needs to send\"; a call \
     needs the term of the entry before it, too (§5.3). Otherwise entries are sent, or the follower \
     would be sent the same snapshot for ever.";
const ARGUMENTS: &str = "Figure 13, arguments: \"byte offset where chunk is positioned in the snapshot \
     file\", \"raw bytes of the snapshot chunk, starting at offset\", and done: \"true if this is the \
     last chunk\".";
const COMPLETE: &str = "Figure 13, §7: a follower that has stored the whole snapshot holds all that it \
     stands for, up to lastIncludedIndex: that is its matchIndex, and it is sent what follows.";
const LOST: &str = "§5.5: \"If a follower or candidate crashes, then future […] RPCs sent to it will \
     fail. Raft handles these failures by retrying indefinitely\": here, at the next heartbeat, from \
     what the follower is known to have.";
const CRASHED: &str = "§7, protocol::InstallSnapshotReply: stored says how much the follower has now. If \
     it has crashed meanwhile, the part that it had is gone, and is sent again.";
const OLDER: &str = "Figure 13: an answer belongs to the chunk that was asked about. That a follower has \
     stored an older snapshot, which ends earlier, says nothing about the present one.";
const BACK: &str = "Figure 2, matchIndex: \"increases monotonically\". An answer that comes late takes \
     nothing back.";
const NOT_LEADING: &str = "Figure 2, \"Volatile state on leaders\": only a leader keeps the progress of \
     others, and only that of those whom it sends entries.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    let rows: [Row; 11] = [
        ("replicate_to", "A follower whose next entry is gone is sent the snapshot", WHEN, when),
        ("replicate_to", "A follower whose next entry is there is sent entries", WHEN, when_not),
        (
            "send_chunk",
            "A chunk says what it is part of, and where it belongs",
            ARGUMENTS,
            arguments,
        ),
        ("send_chunk", "The chunks put together are the snapshot", ARGUMENTS, put_together),
        (
            "install_snapshot_reply",
            "Who has stored all of a snapshot is sent what follows upon it",
            COMPLETE,
            complete,
        ),
        (
            "install_snapshot_reply",
            "A chunk that got lost is sent again with the next heartbeat",
            LOST,
            lost,
        ),
        (
            "install_snapshot_reply",
            "A follower that has lost its part is sent that part again",
            CRASHED,
            crashed,
        ),
        (
            "install_snapshot_reply",
            "That an older snapshot was stored says nothing about the present one",
            OLDER,
            older,
        ),
        ("install_snapshot_reply", "A late answer takes nothing back", BACK, takes_nothing_back),
        ("install_snapshot_reply", "Answers that come twice do no harm", BACK, answers_twice),
        (
            "install_snapshot_reply",
            "Who does not lead learns nothing from an answer",
            NOT_LEADING,
            not_leading,
        ),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.4", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// What the snapshot holds. A leader sends it, and does not look into it.
const DATA: &str = "a snapshot of thirty-one bytes.";

fn snapshot(index: u64, term: u64, data: &'static str) -> Snapshot {
    Snapshot {
        last_included_index: Index(index),
        last_included_term: Term(term),
        members: members(&[1, 2, 3]),
        data: Bytes::from_static(data.as_bytes()),
    }
}

/// S1 leads term 3; its log begins after 4@2 and has entries 5 to 7 of term 3, all of them committed. S2 is
/// sent the entry at `next`, S3 has everything. Chunks have at most 8 bytes.
fn leading(next: u64) -> RaftNode {
    let mut node = server(table(4), 3, &[1, 1, 2, 2], 4);
    node.log = Log::with_base(Index(4), Term(2), entries(5, &[3, 3, 3]));
    node.later.snapshot = Some(snapshot(4, 2, DATA));
    node.saved.snapshot = Index(4);
    (node.commit_index, node.last_applied) = (Index(7), Index(7));
    node.config.snapshot_chunk = 8;
    let all = Progress { next_index: Index(8), match_index: Index(7) };
    let some = Progress { next_index: Index(next), match_index: Index(0) };
    node.role = Role::Leader { progress: [(S2, some), (S3, all)].into() };
    node
}

/// What S2 is sent among these effects.
fn to_s2(effects: Vec<Effect>) -> Vec<Request> {
    let to_s2 = |(to, request): (ServerId, Request)| (to == S2).then_some(request);
    calls(effects).into_iter().filter_map(to_s2).collect()
}

fn words(requests: &[Request]) -> String {
    let words: Vec<String> = requests.iter().map(told).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}

/// What S2 is sent with the next heartbeat.
fn beat(check: &Context, node: &mut RaftNode) -> Result<Vec<Request>, Box<Failure>> {
    Ok(to_s2(hear(check, node, Event::Timeout(Timer::Heartbeat))?))
}

/// The chunk that S2 is sent with the next heartbeat.
fn chunk(check: &Context, node: &mut RaftNode) -> Result<InstallSnapshot, Box<Failure>> {
    match beat(check, node)?.as_slice() {
        [Request::InstallSnapshot(chunk)] => Ok(chunk.clone()),
        other => Err(check.failure("S2 is sent a chunk of the snapshot", words(other))),
    }
}

/// S2 answers a chunk; what it is sent upon that.
fn answer(
    check: &Context,
    node: &mut RaftNode,
    chunk: &InstallSnapshot,
    stored: u64,
) -> Result<Vec<Request>, Box<Failure>> {
    let request = Request::InstallSnapshot(chunk.clone());
    let reply = Reply::InstallSnapshot(InstallSnapshotReply { term: node.current_term, stored });
    let event = Event::Reply { call: CallId(1), from: S2, request, reply };
    Ok(to_s2(hear(check, node, event)?))
}

fn end(chunk: &InstallSnapshot) -> u64 {
    chunk.offset + chunk.data.len() as u64
}

/// S2 takes in chunk after chunk, from the one given on; all that it has then, behind what it had.
fn take_all(
    check: &mut Context,
    node: &mut RaftNode,
    first: InstallSnapshot,
    mut stored: Vec<u8>,
) -> Result<Vec<u8>, Box<Failure>> {
    let mut chunk = first;
    for _ in 0..100 {
        check.step(format!("S2 is sent {}", told(&Request::InstallSnapshot(chunk.clone()))));
        check.equal("the chunk's offset", chunk.offset, stored.len() as u64)?;
        stored.extend(&chunk.data);
        check.step(format!("S2 answers that it has stored {} bytes", stored.len()));
        let sent = answer(check, node, &chunk, stored.len() as u64)?;
        if chunk.done {
            return Ok(stored);
        }
        chunk = match sent.as_slice() {
            [Request::InstallSnapshot(next)] => next.clone(),
            [] => self::chunk(check, node)?,
            other => return Err(check.failure("S2 is sent a further chunk", words(other))),
        };
    }
    Err(check.failure("a last chunk", "after 100 chunks there was none"))
}

/// S2 takes in chunk after chunk, from the one given on: with what it had, all of it must be the snapshot.
fn gives_all(
    check: &mut Context,
    node: &mut RaftNode,
    first: InstallSnapshot,
    had: Vec<u8>,
) -> Verdict {
    let stored = take_all(check, node, first, had)?;
    check.same_text("what S2 has stored", &String::from_utf8_lossy(&stored), DATA)
}

/// What the leader knows of S2.
fn known(node: &RaftNode) -> (u64, u64) {
    match &node.role {
        Role::Leader { progress } => {
            progress.get(&S2).map_or((0, 0), |known| (known.match_index.0, known.next_index.0))
        }
        _ => (0, 0),
    }
}

fn when(check: &mut Context) -> Verdict {
    for next in [1, 2, 4] {
        check.step(format!(
            "the leader's log begins after 4@2; S2's next entry is {next}; the heartbeat timer runs out"
        ));
        chunk(check, &mut leading(next))?;
    }
    Ok(())
}

fn when_not(check: &mut Context) -> Verdict {
    for (next, expected) in [
        (5, "AppendEntries after 4@2 with 3 entries"),
        (6, "AppendEntries after 5@3 with 2 entries"),
        (8, "AppendEntries after 7@3 with no entries"),
    ] {
        check.step(format!(
            "the leader's log begins after 4@2; S2's next entry is {next}; the heartbeat timer runs out"
        ));
        let sent = beat(check, &mut leading(next))?;
        check.same_text("what S2 is sent", &words(&sent), expected)?;
    }
    Ok(())
}

fn arguments(check: &mut Context) -> Verdict {
    check.step(
        "S1 leads term 3; its snapshot ends with 4@2; S2 lacks entry 1; the heartbeat timer runs \
         out",
    );
    let chunk = chunk(check, &mut leading(1))?;
    check.equal("term", chunk.term.0, 3)?;
    check.equal("leader_id", chunk.leader_id.0, 1)?;
    check.equal("last_included_index", chunk.last_included_index.0, 4)?;
    check.equal("last_included_term", chunk.last_included_term.0, 2)?;
    check.equal("offset of the first chunk", chunk.offset, 0)?;
    let bytes = String::from_utf8_lossy(&chunk.data).into_owned();
    let fits = !bytes.is_empty() && DATA.starts_with(&bytes);
    check.holds(fits, "the first bytes of the snapshot", format!("{bytes:?}"))?;
    check.equal("done", chunk.done, bytes == DATA)
}

fn put_together(check: &mut Context) -> Verdict {
    for limit in [1, 8, 30, 31, 32, 1_000] {
        let mut node = leading(1);
        node.config.snapshot_chunk = limit;
        check.step(format!("a snapshot of 31 bytes, snapshot_chunk is {limit}"));
        let first = chunk(check, &mut node)?;
        gives_all(check, &mut node, first, Vec::new())?;
    }
    Ok(())
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
    check.step("the first chunk got lost; the heartbeat timer runs out again");
    chunk(check, &mut node)?;
    let again = chunk(check, &mut node)?;
    check.equal("the chunk's offset", again.offset, 0)?;
    if again.done {
        return gives_all(check, &mut node, again, Vec::new());
    }
    check.step(
        "S2 has stored the first chunk; the second got lost; the heartbeat timer runs out again",
    );
    let stored = again.data.to_vec();
    answer(check, &mut node, &again, end(&again))?;
    let again = chunk(check, &mut node)?;
    check.equal("the chunk's offset", again.offset, stored.len() as u64)?;
    gives_all(check, &mut node, again, stored)
}

fn crashed(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    if first.done {
        return Ok(());
    }
    check.step(
        "S2 has stored the first chunk, and crashes; of the second it says that it has stored 0 \
         bytes",
    );
    let sent = answer(check, &mut node, &first, end(&first))?;
    let second = match sent.as_slice() {
        [Request::InstallSnapshot(second)] => second.clone(),
        _ => chunk(check, &mut node)?,
    };
    let sent = answer(check, &mut node, &second, 0)?;
    let again = match sent.as_slice() {
        [Request::InstallSnapshot(again)] => again.clone(),
        _ => chunk(check, &mut node)?,
    };
    check.equal("match_index of S2", known(&node).0, 0)?;
    gives_all(check, &mut node, again, Vec::new())
}

fn older(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let old = chunk(check, &mut node)?;
    let old = InstallSnapshot { done: true, ..old };
    node.log = Log::with_base(Index(6), Term(3), entries(7, &[3]));
    node.later.snapshot = Some(snapshot(6, 3, DATA));
    node.later.sending.clear();
    check.step(
        "S1 has a newer snapshot meanwhile, which ends at index 6; now S2 answers that it has \
         stored all of the one that ends at 4",
    );
    answer(check, &mut node, &old, DATA.len() as u64)?;
    let (match_index, next_index) = known(&node);
    let happened = format!("it is {match_index}");
    check.holds(match_index <= 4, "match_index of S2 is at most 4", happened)?;
    let happened = format!("it is {next_index}");
    check.holds(next_index <= 5, "next_index of S2 is at most 5", happened)?;
    let first = chunk(check, &mut node)?;
    check.equal("the last included index of what S2 is sent", first.last_included_index.0, 6)?;
    gives_all(check, &mut node, first, Vec::new())
}

fn takes_nothing_back(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    let last = InstallSnapshot { done: true, ..first };
    if let Role::Leader { progress } = &mut node.role {
        progress.insert(S2, Progress { next_index: Index(8), match_index: Index(7) });
    }
    check.step(
        "S2 holds all seven entries by now; a late answer says that it has stored the snapshot up \
         to index 4",
    );
    answer(check, &mut node, &last, DATA.len() as u64)?;
    check.equal("match_index of S2", known(&node).0, 7)?;
    check.equal("next_index of S2", known(&node).1, 8)
}

fn answers_twice(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    if first.done {
        return Ok(());
    }
    let mut stored = first.data.to_vec();
    check
        .step("S2 answers the first chunk, and its answer comes twice; then it answers the second");
    answer(check, &mut node, &first, end(&first))?;
    answer(check, &mut node, &first, end(&first))?;
    check.equal("match_index of S2", known(&node).0, 0)?;
    let second = chunk(check, &mut node)?;
    let expected = "no more of the snapshot is passed over than S2 has";
    let happened = format!("the chunk begins at byte {}, S2 has {}", second.offset, stored.len());
    check.holds(second.offset <= stored.len() as u64, expected, happened)?;
    stored.truncate(usize::try_from(second.offset).unwrap_or(0));
    gives_all(check, &mut node, second, stored)?;
    // All of them once more, late: nothing may change.
    let before = known(&node);
    check.step("S2 has stored all of it; its answer to the first chunk comes once more");
    answer(check, &mut node, &first, end(&first))?;
    check.equal("match_index and next_index of S2", known(&node), before)
}

fn not_leading(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    node.role = Role::Follower { leader: None };
    check.step("S1 does not lead any more; S2 answers a chunk of this term");
    let sent = answer(check, &mut node, &first, DATA.len() as u64)?;
    check.same_text("what S2 is sent", &words(&sent), "nothing")?;
    let mut node = leading(1);
    if let Role::Leader { progress } = &mut node.role {
        progress.remove(&S2);
    }
    check.step("S1 leads, and S2 is none of its followers; S2 answers a chunk of this term");
    let sent = answer(check, &mut node, &first, DATA.len() as u64)?;
    check.same_text("what S2 is sent", &words(&sent), "nothing")?;
    // An answer to entries still counts as it did.
    let mut node = leading(5);
    let request = match beat(check, &mut node)?.as_slice() {
        [Request::AppendEntries(request)] => request.clone(),
        other => return Err(check.failure("S2 is sent entries", words(other))),
    };
    check.step("S2's next entry is there; S2 has stored what it was sent");
    let reply = AppendEntriesReply { term: Term(3), success: true, conflict: None };
    let request = Request::AppendEntries(request);
    let reply = Reply::AppendEntries(reply);
    hear(check, &mut node, Event::Reply { call: CallId(1), from: S2, request, reply })?;
    check.equal("match_index of S2", known(&node).0, 7)
}
