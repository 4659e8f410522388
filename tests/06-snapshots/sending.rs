//! Exercise 6.5: what is sent of a snapshot, and when.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Log, Progress, RaftNode, Role, Snapshot};
use super::servers::{S2, S3, calls, counted, entries, members, server, told};
use super::subject::compaction::compact;
use super::subject::protocol::{
    Bytes, CallId, ClientRequest, Effect, Event, Index, InstallSnapshot, InstallSnapshotReply,
    Reply, Request, RequestId, ServerId, Term, Timer,
};
use super::subject::snapshot::take_snapshot;
use super::table;

const WHEN: &str = "§7: \"the leader must occasionally send snapshots to followers that lag behind. This \
     happens when the leader has already discarded the next log entry that it needs to send\"; a request \
     also needs the term of the preceding entry (§5.3). Otherwise entries are sent, or the follower \
     would be sent the same snapshot forever.";
const ARGUMENTS: &str = "Figure 13, arguments: \"byte offset where chunk is positioned in the snapshot \
     file\", \"raw bytes of the snapshot chunk, starting at offset\", and done: \"true if this is the \
     last chunk\".";
const FINISHED: &str = "§7, Figure 13: a snapshot is sent to its end, even if the leader takes newer ones \
     meanwhile. If each newer one started the transfer over, steady writes would keep it from ever \
     ending.";

const IN_FLIGHT: &str = "§5.5: RPCs are retried when there is no reply, which the heartbeats see to. A chunk that is in \
     flight already is not needed once more: if each command sent it again, a follower that is down would be sent \
     the same bytes thousands of times a second.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.5")
        .each([
            (
                "replicate_to",
                "A follower whose next entry is gone is sent the snapshot",
                WHEN,
                when,
            ),
            (
                "replicate_to",
                "A follower whose next entry is there is sent entries",
                WHEN,
                when_not,
            ),
            (
                "send_chunk",
                "A chunk says which snapshot it is part of, and where it belongs",
                ARGUMENTS,
                arguments,
            ),
            ("send_chunk", "The chunks put together are the snapshot", ARGUMENTS, put_together),
        ])
        .list()
}

/// What comes after the checks of replies: a leader that makes nothing of these does not finish either.
pub(super) fn later_checks() -> Vec<Check> {
    let began = "A transfer in progress is finished with the snapshot with which it began";
    let again = "A chunk in flight is not sent again with every command";
    Checks::of("6.5")
        .each([
            ("send_chunk", began, FINISHED, finished),
            ("replicate_to", again, IN_FLIGHT, in_flight),
        ])
        .list()
}

/// What the snapshot holds. A leader sends the bytes without looking into them.
pub(super) const DATA: &str = "a snapshot of thirty-one bytes.";

fn snapshot(index: u64, term: u64, data: &'static str) -> Snapshot {
    Snapshot {
        last_included_index: Index(index),
        last_included_term: Term(term),
        members: members(&[1, 2, 3]),
        data: Bytes::from_static(data.as_bytes()),
    }
}

/// S1 leads term 3; its log begins after 4@2 and has entries 5 to 7 of term 3, all of them committed. S2
/// needs the entry at `next`, S3 has everything. Chunks have at most 8 bytes.
pub(super) fn leading(next: u64) -> RaftNode {
    let mut node = server(table(5), 3, &[1, 1, 2, 2], 4);
    node.log = Log::with_base(Index(4), Term(2), entries(5, &[3, 3, 3]));
    node.snapshots.latest = Some(snapshot(4, 2, DATA));
    node.saved.snapshot_index = Index(4);
    (node.commit_index, node.last_applied) = (Index(7), Index(7));
    node.config.snapshot_chunk = 8;
    let all = Progress { next_index: Index(8), match_index: Index(7) };
    let some = Progress { next_index: Index(next), match_index: Index(0) };
    node.role = Role::Leader { progress: [(S2, some), (S3, all)].into() };
    node
}

/// What S2 is sent among these effects.
pub(super) fn to_s2(effects: Vec<Effect>) -> Vec<Request> {
    let to_s2 = |(to, request): (ServerId, Request)| (to == S2).then_some(request);
    calls(effects).into_iter().filter_map(to_s2).collect()
}

pub(super) fn words(requests: &[Request]) -> String {
    let words: Vec<String> = requests.iter().map(told).collect();
    if words.is_empty() { "nothing".to_owned() } else { words.join("; ") }
}

/// What S2 is sent with the next heartbeat.
pub(super) fn beat(check: &Context, node: &mut RaftNode) -> Result<Vec<Request>, Box<Failure>> {
    Ok(to_s2(check.handle(node, Event::Timeout(Timer::Heartbeat))?))
}

/// The chunk that S2 is sent with the next heartbeat.
pub(super) fn chunk(check: &Context, node: &mut RaftNode) -> Result<InstallSnapshot, Box<Failure>> {
    match beat(check, node)?.as_slice() {
        [Request::InstallSnapshot(chunk)] => Ok(chunk.clone()),
        other => {
            let happened = format!("it sends {}", words(other));
            Err(check.failure("the leader sends S2 a chunk of the snapshot", happened))
        }
    }
}

/// S2 replies to a chunk. Returns what it is sent then.
pub(super) fn reply(
    check: &Context,
    node: &mut RaftNode,
    chunk: &InstallSnapshot,
    stored: u64,
) -> Result<Vec<Request>, Box<Failure>> {
    let request = Request::InstallSnapshot(chunk.clone());
    let reply = Reply::InstallSnapshot(InstallSnapshotReply { term: node.current_term, stored });
    let event = Event::Reply { call: CallId(1), from: S2, request, reply };
    Ok(to_s2(check.handle(node, event)?))
}

pub(super) fn end(chunk: &InstallSnapshot) -> u64 {
    chunk.offset + chunk.data.len() as u64
}

/// S2 receives chunk after chunk, beginning with `first`. Returns all that it has then, after what it had.
pub(super) fn take_all(
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
        check.step(format!("S2 replies that it has stored {} bytes", stored.len()));
        let sent = reply(check, node, &chunk, stored.len() as u64)?;
        if chunk.done {
            return Ok(stored);
        }
        chunk = match sent.as_slice() {
            [Request::InstallSnapshot(next)] => next.clone(),
            [] => self::chunk(check, node)?,
            other => return Err(check.failure("S2 is sent another chunk", words(other))),
        };
    }
    Err(check.failure("a last chunk", "there was none among 100 chunks"))
}

/// S2 receives chunk after chunk, beginning with `first`: together with what it had, they must be the
/// snapshot.
pub(super) fn is_sent_all(
    check: &mut Context,
    node: &mut RaftNode,
    first: InstallSnapshot,
    had: Vec<u8>,
) -> Verdict {
    let stored = take_all(check, node, first, had)?;
    check.same_text("what S2 has stored", &String::from_utf8_lossy(&stored), DATA)
}

/// What the leader knows of S2.
pub(super) fn known(node: &RaftNode) -> (u64, u64) {
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
            "the leader's log begins after 4@2; S2 needs entry {next}; the heartbeat timer runs out"
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
            "the leader's log begins after 4@2; S2 needs entry {next}; the heartbeat timer runs out"
        ));
        let sent = beat(check, &mut leading(next))?;
        check.same_text("what S2 is sent", &words(&sent), expected)?;
    }
    Ok(())
}

fn arguments(check: &mut Context) -> Verdict {
    check.step(
        "S1 leads term 3; its snapshot ends with 4@2; S2 needs entry 1; the heartbeat timer runs out",
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
        is_sent_all(check, &mut node, first, Vec::new())?;
    }
    Ok(())
}

/// How many commands clients send between two heartbeats, and how often a chunk may be sent meanwhile. One is
/// enough; a server may have its reasons to send a few.
const COMMANDS: u64 = 100;
const CHUNKS: usize = 10;

fn in_flight(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    chunk(check, &mut node)?;
    let mut sent = 0;
    for number in 1..=COMMANDS {
        let request = ClientRequest::Command(format!("set y {number}").as_str().into());
        let event = Event::Client { id: RequestId(number), request };
        let requests = to_s2(check.handle(&mut node, event)?);
        sent += requests.iter().filter(|it| matches!(it, Request::InstallSnapshot(_))).count();
    }
    check.step(format!(
        "S2 is down and has not replied to the first chunk; {COMMANDS} commands arrive before the next heartbeat"
    ));
    check.holds(
        sent <= CHUNKS,
        format!("S2 is sent at most {CHUNKS} chunks meanwhile; one in flight is enough"),
        format!("S2 is sent {sent}"),
    )
}

/// S1 takes a newer snapshot, which ends with 6@3, and compacts its log to its end.
pub(super) fn takes_newer(node: &mut RaftNode) {
    node.last_applied = Index(6);
    take_snapshot(node);
    compact(&mut node.log, Index(6), Term(3));
    node.saved.snapshot_index = Index(6);
    node.last_applied = Index(7);
}

fn finished(check: &mut Context) -> Verdict {
    let mut node = leading(1);
    let first = chunk(check, &mut node)?;
    if first.done {
        return Ok(());
    }
    reply(check, &mut node, &first, end(&first))?;
    takes_newer(&mut node);
    check.step(format!(
        "S2 has stored {} of a snapshot that ends at index 4; S1 takes a newer one, which ends at \
         index 6; the heartbeat timer runs out",
        counted(first.data.len(), "byte", "bytes")
    ));
    let next = chunk(check, &mut node)?;
    let last = next.last_included_index.0;
    check.equal("the last included index of what S2 is sent", last, 4)?;
    is_sent_all(check, &mut node, next, first.data.to_vec())?;
    check.step("S2 has stored the older snapshot; the heartbeat timer runs out");
    check.equal("match_index of S2", known(&node).0, 4)?;
    let next = chunk(check, &mut node)?;
    let last = next.last_included_index.0;
    check.equal("the last included index of what S2 is sent", last, 6)?;
    check.equal("the chunk's offset", next.offset, 0)
}
