//! Exercise 6.3: saving a snapshot, and the log that is left.

use gates::simulator::{DiskOperation, RecordingDisk, SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Log, RaftNode, Role};
use super::servers::{command, entries, fill, leader, members, new_on, snapshot};
use super::subject::persistence::LOG;
use super::subject::protocol::{Disk as _, Index, Term};
use super::subject::recovery::read_snapshot;
use super::subject::replication::LogEdit as _;
use super::subject::saving::{SNAPSHOT, persist, save_snapshot};
use super::subject::snapshot::take_snapshot;
use super::table;

const ORDER: &str = "§7: \"once a server completes writing a snapshot, it may delete all log entries up \
     through the last included index\": not before. A crash may come between any two writes.";
const SNAPSHOT_FILE: &str = "§7: with a snapshot, the index and term of the last entry that it replaces are kept. These are \
     not the server's own: a log that goes on after the snapshot is compared with them.";
const DURABLE: &str = "Figure 2, \"Persistent state on all servers\": what replaces log entries is as \
     durable as they were.";
const SAVES: &str = "Figure 2: \"updated on stable storage before responding to RPCs\". A snapshot that \
     is newer than the saved one is saved, whether it was taken here or received; otherwise module 5 \
     saves what changed, if anything has.";
const BOUNDED: &str = "§7: \"Raft's log grows during normal operation to incorporate more client \
     requests, but in a practical system, it cannot grow without bound.\"";
const FAILS: &str = "Exercise 5.6: after an error nobody knows what the disk holds. No effect is \
     released, and a later write that succeeds does not make up for it.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.3")
        .each([
            (
                "save_snapshot",
                "The snapshot is on disk before the log becomes shorter",
                ORDER,
                order,
            ),
            (
                "save_snapshot",
                "A snapshot that cannot be written leaves the log on disk as it is",
                ORDER,
                unwritten,
            ),
            (
                "save_snapshot",
                "A crash loses nothing of a saved snapshot and of the log that is left",
                DURABLE,
                durable,
            ),
            ("save_snapshot", "What is saved is the snapshot", SNAPSHOT_FILE, read_back),
            ("persist", "A snapshot that is newer than the saved one is saved", SAVES, newer),
            ("persist", "Without a new snapshot, what changed is saved as before", SAVES, changed),
            ("persist", "When nothing has changed, the disk is left alone", SAVES, unchanged),
            ("persist", "After an error no further write is trusted", FAILS, fails),
            ("persist", "Neither the log nor the disk grows forever", BOUNDED, bounded),
        ])
        .list()
}

/// S1 with six entries, of which four are applied and all are on disk; its disk, and what is recorded of
/// the disk from now on.
fn saved(check: &mut Context) -> Result<(RaftNode, SimulatedDisk, RecordingDisk), Box<Failure>> {
    let disk = SimulatedDisk::new();
    let recording = RecordingDisk::of(disk.clone());
    let mut node = fill(new_on(&SimulatedDisk::new(), table(3)), 3, &[1, 1, 2, 2, 3, 3], 4);
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
    check.step("S1 takes a snapshot of four of its six entries; save_snapshot");
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
    check.holds(failed, "save_snapshot returns the error", "it returns Ok")?;
    let same = read(check, &disk, LOG)? == before;
    check.holds(same, "the log on disk is as it was", "it is different")
}

fn durable(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    check.step("S1 takes a snapshot of four of its six entries; save_snapshot; S1 crashes");
    take_snapshot(&mut node);
    done(check, save_snapshot(&mut node))?;
    let before = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    disk.crash(0);
    let after = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    check.holds(before[0] == after[0], "the snapshot is on disk", "part of it is lost")?;
    check.holds(before[1] == after[1], "the rest of the log is on disk", "part of it is lost")
}

fn read_back(check: &mut Context) -> Verdict {
    for applied in [4, 2] {
        let (mut node, _, _) = saved(check)?;
        (node.commit_index, node.last_applied) = (Index(applied), Index(applied));
        check.step(format!(
            "S1, in term 3, takes a snapshot of {applied} of its six entries; save_snapshot; the file \
             `{SNAPSHOT}` is read"
        ));
        take_snapshot(&mut node);
        done(check, save_snapshot(&mut node))?;
        let file = read_snapshot(&node)
            .map_err(|error| check.failure("a snapshot that can be read", error.to_string()))?;
        let Some((index, term, data)) = file else {
            return Err(check.failure("a snapshot in the file", "there is none"));
        };
        let (at, of) = if applied == 4 { (4, 2) } else { (2, 1) };
        check.equal("the index of its last entry", index, Index(at))?;
        check.equal("the term of its last entry", term, Term(of))?;
        let taken = node.snapshots.latest.as_ref().map(|snapshot| snapshot.data.clone());
        let expected = "the bytes of the snapshot that was taken";
        check.holds(Some(data) == taken, expected, "other bytes")?;
    }
    Ok(())
}

fn newer(check: &mut Context) -> Verdict {
    let (mut node, _, recording) = saved(check)?;
    check.step("S1 has received and installed a snapshot that ends with 9@3; persist");
    node.snapshots.latest = Some(snapshot(9, 3, &[1, 2, 3]));
    node.log = Log::with_base(Index(9), Term(3), Vec::new());
    (node.commit_index, node.last_applied) = (Index(9), Index(9));
    done(check, persist(&mut node))?;
    let asked = recording.take();
    let saved = asked.iter().any(|asked| writes(asked) == Some(SNAPSHOT));
    check.holds(saved, "the snapshot is saved", "it is not")?;
    check.step("persist again");
    done(check, persist(&mut node))?;
    let asked: Vec<String> = recording.take().iter().map(words).collect();
    check.equal("what the disk was asked for", asked, Vec::new())
}

fn changed(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = saved(check)?;
    let before = [read(check, &disk, SNAPSHOT)?, read(check, &disk, LOG)?];
    check.step("S1 appends another entry; persist");
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
    check.step("persist again; nothing has changed");
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
    check.holds(failed, "persist returns the error", "it returns Ok")?;
    check.step("persist again; the disk works again");
    let failed = persist(&mut node).is_err();
    check.holds(failed, "persist returns an error", "it returns Ok")
}

fn bounded(check: &mut Context) -> Verdict {
    for tail in [0, 15, 60] {
        is_bounded(check, tail)?;
    }
    Ok(())
}

fn is_bounded(check: &mut Context, tail: u64) -> Verdict {
    let disk = SimulatedDisk::new();
    let mut node = fill(new_on(&disk, table(3)), 1, &[], 0);
    (node.members, node.role) = (members(&[1]), leader(&[]));
    (node.config.snapshot_entries, node.config.snapshot_tail) =
        (20, usize::try_from(tail).unwrap_or(0));
    check.step(format!(
        "S1 is alone and leads; snapshot_entries is 20, snapshot_tail {tail}; 2,000 commands `set x …` \
         follow"
    ));
    // The most that there was after some of the commands: entries in the log, bytes on disk.
    let mut most = [(0, 0); 2];
    for number in 1..=2_000 {
        command(check, &mut node, &format!("set x {number:04}"))?;
        let kept = node.log.last_index().0 - node.log.base_index().0;
        let size = |file| disk.read(file).map_or(0, |bytes| bytes.len());
        let bytes = size(LOG) + size(SNAPSHOT);
        let most = &mut most[usize::from(number > 1_000)];
        *most = (most.0.max(kept), most.1.max(bytes));
    }
    let Role::Leader { .. } = node.role else {
        return Err(check.failure("S1 is leader", "it is not"));
    };
    check.equal("last_applied", node.last_applied.0, 2_000)?;
    let [(_, early), (kept, late)] = most;
    // The tail, and what is applied until a snapshot is due, for which twice the limit is enough.
    let most = 40 + tail;
    check.holds(kept <= most, format!("at most {most} entries in the log"), format!("{kept}"))?;
    let expected =
        "no more bytes on disk during the second thousand commands than during the first";
    let happened = format!("{early} bytes during the first, {late} during the second");
    check.holds(late <= early + early / 4, expected, happened)
}
