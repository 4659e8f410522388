//! Exercise 6.2: when a snapshot is taken, what is in it, and saving it.

use gates::simulator::{DiskOperation, Recording, SimulatedDisk, Trouble};
use gates::{Check, Context, Failure, Verdict};

use super::model::{Log, RaftNode, Role, Snapshot};
use super::servers::{
    command, entries, fill, leader, log_of, members, names, new_on, server, x_after,
};
use super::subject::persistence::LOG;
use super::subject::protocol::{
    Bytes, ClientId, Disk as _, Entry, Index, KeyValue, Payload, StateMachine as _, Term,
};
use super::subject::snapshot::{
    Contents, SNAPSHOT, is_due, members_at, persist, save_snapshot, take_snapshot,
};
use super::table;

const LATEST: &str = "§7: \"the snapshot also includes the latest configuration in the log as of last \
     included index\"; §6: that is what the last entry with a configuration says.";
const UNCOMMITTED: &str = "§7: the configuration in a snapshot is the latest \"as of last included \
     index\". One that stands later in the log may still be undone; a server that finds it in a snapshot \
     would go by it for ever.";
const DUE: &str = "§7: \"one simple strategy is to take a snapshot when the log reaches a fixed size\": \
     too often wastes the disk's time, too seldom its space. Only applied entries count: others cannot \
     be in it yet.";
const REPLACES: &str = "§7, Figure 12: the snapshot replaces what is applied, up to and including the \
     last applied entry; its index and term are kept with it. What follows stays in the log.";
const STATE: &str = "§7: \"the entire current system state is written to a snapshot\": that is the state \
     machine as it is, and besides what else has come of the entries: the sessions of the clients (§8), \
     or a command that is repeated after the snapshot would be executed twice.";
const ORDER: &str = "§7: \"once a server completes writing a snapshot, it may delete all log entries up \
     through the last included index\": not before. A crash may come between any two writes.";
const DURABLE: &str = "Figure 2, \"Persistent state on all servers\": what stands in place of log \
     entries is as durable as they were.";
const SAVES: &str = "Figure 2: \"updated on stable storage before responding to RPCs\". A snapshot that \
     is newer than the saved one is saved, own or received; otherwise module 5 saves what changed, if \
     anything has.";
const BOUNDED: &str = "§7: \"Raft's log grows during normal operation to incorporate more client \
     requests, but in a practical system, it cannot grow without bound.\"";
const FAILS: &str = "Exercise 5.6: after an error nobody knows what the disk holds. Nothing is let out, \
     and a later write that succeeds does not make up for it.";

pub(super) fn checks() -> Vec<Check> {
    type Row = (&'static str, &'static str, &'static str, fn(&mut Context) -> Verdict);
    let rows: [Row; 15] = [
        ("members_at", "The latest configuration up to an index counts", LATEST, latest_members),
        (
            "members_at",
            "Without a configuration in the log that of the snapshot counts",
            LATEST,
            snapshot_members,
        ),
        ("is_due", "A snapshot is due when the log holds enough applied entries", DUE, due),
        ("take_snapshot", "A snapshot takes the place of what is applied", REPLACES, replaces),
        ("take_snapshot", "A snapshot holds the state of the state machine", STATE, machine),
        ("take_snapshot", "A snapshot holds the sessions of the clients", STATE, sessions),
        (
            "take_snapshot",
            "A snapshot holds the configuration that is applied and no later one",
            UNCOMMITTED,
            configuration,
        ),
        ("save_snapshot", "The snapshot is on disk before the log gets shorter", ORDER, order),
        (
            "save_snapshot",
            "A snapshot that cannot be written leaves the log on disk as it is",
            ORDER,
            unwritten,
        ),
        (
            "save_snapshot",
            "A crash takes nothing of a saved snapshot and of the log that is left",
            DURABLE,
            durable,
        ),
        ("persist", "A snapshot that is newer than the saved one is saved", SAVES, newer),
        ("persist", "Without a new snapshot what changed is saved as before", SAVES, changed),
        ("persist", "When nothing has changed the disk is left alone", SAVES, unchanged),
        ("persist", "After an error no further write is trusted", FAILS, fails),
        ("persist", "Neither the log nor the disk grows for ever", BOUNDED, bounded),
    ];
    let make = |(about, claim, why, body): Row| Check::new("6.2", claim, why, body).about(about);
    rows.into_iter().map(make).collect()
}

/// An entry with a configuration.
fn change(term: u64, ids: &[u64]) -> Entry {
    Entry { term: Term(term), payload: Payload::Members(members(ids)) }
}

/// A snapshot that ends here, with this configuration.
fn snapshot(index: u64, term: u64, ids: &[u64]) -> Snapshot {
    let contents = Contents { members: members(ids), ..Contents::default() };
    Snapshot {
        last_included_index: Index(index),
        last_included_term: Term(term),
        members: members(ids),
        data: contents.to_bytes(),
    }
}

/// The configuration as of each index must be this one.
fn is_at(check: &mut Context, node: &RaftNode, about: &str, rows: &[(u64, &str)]) -> Verdict {
    for &(index, expected) in rows {
        check.step(format!("{about}; members_at index {index}"));
        check.same_text("the configuration", &names(&members_at(node, Index(index))), expected)?;
    }
    Ok(())
}

fn latest_members(check: &mut Context) -> Verdict {
    let mut node = server(table(2), 2, &[1, 1], 0);
    node.later.snapshot = Some(snapshot(0, 0, &[1, 2, 3]));
    node.log.append(change(2, &[1, 2, 3, 4]));
    node.log.append(entries(4, &[2])[0].clone());
    node.log.append(change(2, &[1, 2, 4]));
    node.members = members(&[1, 2, 4]);
    let about = "S1 was started with S1 S2 S3; entry 3 says S1 S2 S3 S4, and entry 5 S1 S2 S4";
    let rows =
        [(0, "S1 S2 S3"), (2, "S1 S2 S3"), (3, "S1 S2 S3 S4"), (4, "S1 S2 S3 S4"), (5, "S1 S2 S4")];
    is_at(check, &node, about, &rows)?;
    let node = server(table(2), 2, &[1, 1], 0);
    let about = "S1 was started with S1 S2 S3, has no snapshot, and no configuration in its log";
    is_at(check, &node, about, &[(0, "S1 S2 S3"), (2, "S1 S2 S3")])
}

fn snapshot_members(check: &mut Context) -> Verdict {
    let mut node = server(table(2), 3, &[], 0);
    node.log = Log::with_base(Index(4), Term(2), entries(5, &[3]));
    node.log.append(change(3, &[1, 2]));
    node.later.snapshot = Some(snapshot(4, 2, &[1, 2, 4]));
    node.members = members(&[1, 2]);
    let about = "S1 was started with S1 S2 S3; its snapshot up to index 4 says S1 S2 S4, and entry 6 \
                 S1 S2";
    is_at(check, &node, about, &[(4, "S1 S2 S4"), (5, "S1 S2 S4"), (6, "S1 S2")])
}

fn due(check: &mut Context) -> Verdict {
    // What exactly is enough is left to the server: between a tenth of the limit and twice of it.
    for (base, applied, last, expected) in [
        (0, 0, 0, false),
        (0, 10, 10, false),
        (0, 200, 200, true),
        (0, 10, 900, false),
        (1_000, 1_000, 1_000, false),
        (1_000, 1_010, 1_020, false),
        (1_000, 1_200, 1_250, true),
    ] {
        let mut node = server(table(2), 1, &[], 0);
        node.config.snapshot_entries = 100;
        let after = usize::try_from(last - base).unwrap_or(0);
        node.log = Log::with_base(Index(base), Term(1), entries(base + 1, &vec![1; after]));
        (node.commit_index, node.last_applied) = (Index(applied), Index(applied));
        check.step(format!(
            "snapshot_entries is 100; the log begins after index {base} and ends at {last}, applied is \
             {applied}"
        ));
        check.equal("is a snapshot due?", is_due(&node), expected)?;
    }
    Ok(())
}

/// S1 takes a snapshot; it, and what is in it.
fn taken(check: &mut Context, node: &mut RaftNode) -> Result<(Snapshot, Contents), Box<Failure>> {
    check.step(format!(
        "S1 has a log with {}, and has applied {}; it takes a snapshot",
        log_of(node),
        node.last_applied
    ));
    take_snapshot(node);
    let Some(snapshot) = node.later.snapshot.clone() else {
        return Err(check.failure("a snapshot in node.later.snapshot", "none"));
    };
    match Contents::from_bytes(&snapshot.data) {
        Ok(contents) => Ok((snapshot, contents)),
        Err(error) => Err(check.failure("Contents as the snapshot's data", error.to_string())),
    }
}

/// What x is in the state of a snapshot.
fn x_in(contents: &Contents) -> String {
    let mut machine = KeyValue::new();
    machine.restore(&contents.machine);
    String::from_utf8_lossy(&machine.query(b"get x")).into_owned()
}

fn replaces(check: &mut Context) -> Verdict {
    for (applied, term, log) in [
        (4, 2, "base 4@2, entries after it: 3 3"),
        (6, 3, "base 6@3, entries after it: none"),
        (1, 1, "base 1@1, entries after it: 1 2 2 3 3"),
    ] {
        let mut node = server(table(2), 3, &[1, 1, 2, 2, 3, 3], applied);
        let (snapshot, _) = taken(check, &mut node)?;
        check.equal("the last included index", snapshot.last_included_index.0, applied)?;
        check.equal("the last included term", snapshot.last_included_term.0, term)?;
        check.same_text("the log", &log_of(&node), log)?;
        check.equal("last_applied", node.last_applied.0, applied)?;
    }
    Ok(())
}

fn machine(check: &mut Context) -> Verdict {
    let terms = [1, 1, 2, 2, 3, 3];
    for (applied, known) in [(4, 4), (3, 5)] {
        let mut node = server(table(2), 3, &terms, applied);
        node.commit_index = Index(known);
        let (snapshot, contents) = taken(check, &mut node)?;
        check.equal("the last included index", snapshot.last_included_index.0, applied)?;
        let expected = x_after(&terms[..usize::try_from(applied).unwrap_or(0)]);
        check.same_text("x in the snapshot", &x_in(&contents), &expected)?;
    }
    Ok(())
}

fn sessions(check: &mut Context) -> Verdict {
    let mut node = server(table(2), 3, &[1, 1], 2);
    node.sessions.insert(ClientId(7), (3, Bytes::from_static(b"ok")));
    node.sessions.insert(ClientId(8), (1, Bytes::from_static(b"none")));
    let (_, contents) = taken(check, &mut node)?;
    check.equal("the sessions in the snapshot", &contents.sessions, &node.sessions)
}

fn configuration(check: &mut Context) -> Verdict {
    for (applied, expected) in
        [(2, "S1 S2 S3"), (3, "S1 S2 S3 S4"), (4, "S1 S2 S3 S4"), (5, "S1 S3")]
    {
        let mut node = server(table(2), 2, &[1, 1], 0);
        node.later.snapshot = Some(snapshot(0, 0, &[1, 2, 3]));
        node.log.append(change(2, &[1, 2, 3, 4]));
        node.log.append(entries(4, &[2])[0].clone());
        node.log.append(change(2, &[1, 3]));
        (node.commit_index, node.last_applied) = (Index(applied), Index(applied));
        node.members = members(&[1, 3]);
        let (snapshot, contents) = taken(check, &mut node)?;
        check.step(format!(
            "entry 3 says S1 S2 S3 S4 and entry 5 S1 S3; a snapshot is taken when {applied} is applied"
        ));
        check.same_text(
            "the members in the snapshot's data",
            &names(&contents.members),
            expected,
        )?;
        check.same_text("the members beside it", &names(&snapshot.members), expected)?;
        check.same_text("S1's own members", &names(&node.members), "S1 S3")?;
    }
    Ok(())
}

/// S1 with six entries, of which four are applied and all are on disk; its disk, and what is recorded of
/// it from now on.
fn saved(check: &mut Context) -> Result<(RaftNode, SimulatedDisk, Recording), Box<Failure>> {
    let disk = SimulatedDisk::new();
    let recording = Recording::of(disk.clone());
    let mut node = fill(new_on(&SimulatedDisk::new(), table(2)), 3, &[1, 1, 2, 2, 3, 3], 4);
    node.disk = Box::new(recording.clone());
    check.step("S1 saves six entries, of which four are applied");
    done(check, persist(&mut node))?;
    recording.take();
    Ok((node, disk, recording))
}

fn done(check: &Context, result: std::io::Result<()>) -> Verdict {
    result.map_err(|error| check.failure("the disk does not fail", format!("{error}")))
}

fn read(check: &Context, disk: &SimulatedDisk, file: &str) -> Result<Vec<u8>, Box<Failure>> {
    disk.read(file).map_err(|error| check.failure("a file that can be read", error.to_string()))
}

/// The file that an operation writes to.
fn writes(operation: &DiskOperation) -> Option<&str> {
    match operation {
        DiskOperation::Append(file, _) | DiskOperation::Replace(file, _) => Some(file),
        _ => None,
    }
}

/// An operation in words.
fn words(operation: &DiskOperation) -> String {
    match operation {
        DiskOperation::Read(file) => format!("read {file}"),
        DiskOperation::Append(file, _) => format!("append {file}"),
        DiskOperation::Sync(file) => format!("sync {file}"),
        DiskOperation::Replace(file, _) => format!("replace {file}"),
        DiskOperation::Failed(name) => format!("{name}, which failed"),
    }
}

fn order(check: &mut Context) -> Verdict {
    let (mut node, _, recording) = saved(check)?;
    check.step("S1 takes a snapshot of four of six entries; save_snapshot");
    take_snapshot(&mut node);
    done(check, save_snapshot(&mut node))?;
    let asked = recording.take();
    let told: Vec<String> = asked.iter().map(words).collect();
    let told = told.join(", ");
    let saved = asked.iter().position(|asked| writes(asked) == Some(SNAPSHOT));
    let replaced =
        |asked: &DiskOperation| matches!(asked, DiskOperation::Replace(file, _) if file == LOG);
    let shorter = asked.iter().position(replaced);
    let expected =
        format!("the file `{SNAPSHOT}` is written, and only then the file `{LOG}` replaced");
    let right = saved.is_some_and(|saved| shorter.is_none_or(|shorter| saved < shorter));
    check.holds(right, expected, format!("the disk was asked for: {told}"))
}

fn unwritten(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    let before = read(check, &disk, LOG)?;
    check.step("S1 takes a snapshot; save_snapshot, but the first write fails");
    take_snapshot(&mut node);
    disk.trouble(Trouble::Write { written: 0 });
    let failed = save_snapshot(&mut node).is_err();
    check.holds(failed, "save_snapshot gives the error", "it gives none")?;
    let same = read(check, &disk, LOG)? == before;
    check.holds(same, "the log on disk is as it was", "it is another")
}

fn durable(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    check.step("S1 takes a snapshot of four of six entries; save_snapshot, and then a crash");
    take_snapshot(&mut node);
    done(check, save_snapshot(&mut node))?;
    let before = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    disk.crash(0);
    let after = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    check.holds(before[0] == after[0], "the snapshot is on disk", "part of it is lost")?;
    check.holds(before[1] == after[1], "the rest of the log is on disk", "part of it is lost")
}

fn newer(check: &mut Context) -> Verdict {
    let (mut node, _, recording) = saved(check)?;
    check.step("S1 was sent a snapshot that ends with 9@3, and has put it in place; persist");
    node.later.snapshot = Some(snapshot(9, 3, &[1, 2, 3]));
    node.log = Log::with_base(Index(9), Term(3), Vec::new());
    (node.commit_index, node.last_applied) = (Index(9), Index(9));
    done(check, persist(&mut node))?;
    let asked = recording.take();
    let saved = asked.iter().any(|asked| writes(asked) == Some(SNAPSHOT));
    check.holds(saved, "the snapshot is saved", "it is not")?;
    check.step("again persist");
    done(check, persist(&mut node))?;
    let asked: Vec<String> = recording.take().iter().map(words).collect();
    check.equal("what the disk was asked for", asked, Vec::new())
}

fn changed(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    let before = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    check.step("a further entry is appended; persist");
    node.log.append(entries(7, &[3])[0].clone());
    done(check, persist(&mut node))?;
    disk.crash(0);
    let after = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    check.holds(after[1] != before[1], "the log on disk holds the entry", "it is as before")?;
    check.holds(after[0] == before[0], "no snapshot was written", "one was")
}

fn unchanged(check: &mut Context) -> Verdict {
    let (mut node, _, recording) = saved(check)?;
    check.step("S1 takes a snapshot; persist");
    take_snapshot(&mut node);
    done(check, persist(&mut node))?;
    let wrote = !recording.take().is_empty();
    check.holds(wrote, "the snapshot is saved", "nothing is written")?;
    check.step("again persist; nothing has changed");
    done(check, persist(&mut node))?;
    let asked: Vec<String> = recording.take().iter().map(words).collect();
    check.equal("what the disk was asked for", asked, Vec::new())
}

fn fails(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    check.step("S1 takes a snapshot; persist, but the disk fails");
    take_snapshot(&mut node);
    disk.trouble(Trouble::Write { written: 0 });
    let failed = persist(&mut node).is_err();
    check.holds(failed, "persist gives the error", "it gives none")?;
    check.step("again persist; the disk does not fail any more");
    let failed = persist(&mut node).is_err();
    check.holds(failed, "persist gives an error", "it gives none")
}

fn bounded(check: &mut Context) -> Verdict {
    let disk = SimulatedDisk::new();
    let mut node = fill(new_on(&disk, table(2)), 1, &[], 0);
    (node.members, node.role) = (members(&[1]), leader(&[]));
    node.config.snapshot_entries = 20;
    check.step("S1 is alone and leads, snapshot_entries is 20; 2,000 commands `set x …` follow");
    // The most that there was after some of the commands: entries in the log, bytes on disk.
    let mut most = [(0, 0); 2];
    for number in 1..=2_000 {
        command(check, &mut node, &format!("set x {number:04}"))?;
        let kept = node.log.last_index().0 - node.log.base().0.0;
        let size = |file| disk.read(file).map_or(0, |bytes| bytes.len());
        let bytes = size(LOG) + size(SNAPSHOT);
        let most = &mut most[usize::from(number > 1_000)];
        *most = (most.0.max(kept), most.1.max(bytes));
    }
    let Role::Leader { .. } = node.role else {
        return Err(check.failure("S1 leads", "it does not"));
    };
    check.equal("last_applied", node.last_applied.0, 2_000)?;
    let [(_, early), (kept, late)] = most;
    check.holds(kept <= 40, "at most 40 entries in the log", format!("{kept}"))?;
    let expected = "as many bytes on disk at most in the second thousand as in the first";
    let happened = format!("{early} in the first, {late} in the second");
    check.holds(late <= early + early / 4, expected, happened)
}
