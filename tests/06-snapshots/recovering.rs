//! Exercise 6.4: coming back from snapshot and log.

use gates::simulator::{SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Outbox, RaftNode};
use super::servers::{
    S2, append, ask, change, entries, fill, is_log, log_of, names, new_on, server, session,
    x_after, x_of,
};
use super::subject::compaction::compact;
use super::subject::persistence::LOG;
use super::subject::protocol::{
    Bytes, ClientId, Disk as _, Event, Index, Node as _, Request, Term,
};
use super::subject::recovery::restore;
use super::subject::replication::LogEdit as _;
use super::subject::saving::{SNAPSHOT, persist};
use super::subject::snapshot::{Contents, members_at, take_snapshot};
use super::table;

const STEP_8: &str = "Figure 13, receiver, step 8: \"Reset state machine using snapshot contents (and \
     load snapshot's cluster configuration)\"; what the snapshot replaces is committed and applied (§7).";
const BACK: &str = "§7, Figure 12: the snapshot replaces the entries up to its end, and the log on disk \
     continues from there; the end of what it replaces may still be in the log. commitIndex and \
     lastApplied start at the snapshot: before that there is nothing to apply.";
const TERM: &str = "Figure 13: lastIncludedTerm is the term of an entry. The server's own term and vote \
     are in the log's file (Figure 2).";
const FINISH: &str = "§7: a crash may come after the snapshot is written and before the log is \
     compacted. Then the entries after the snapshot must still be there, and whatever is appended to the \
     file must follow what the file holds.";
const OTHER: &str = "Figure 13, receiver, step 7: a log that does not hold the snapshot's last entry is \
     discarded, even if the server crashes before that is on disk.";
const GAP: &str = "§7: only entries that a snapshot replaces may be missing. A server that comes back \
     without entries that it has acknowledged would break what others count on (§5.4).";
const DAMAGE: &str = "Exercise 5.3: a server does not guess at damaged data. The snapshot's file is \
     replaced as a whole, so no crash leaves it half written.";
const CONFIGURATION: &str = "§6, §7: a server uses the latest configuration in its log, committed or \
     not; where the log has none, the snapshot's; without either, the one with which it was started.";
const TWICE: &str = "Exercise 5.5: a crash may come while a server recovers, or right after it: \
     recovering twice has the same result as recovering once.";
const CRASHES: &str = "§7, Figure 2: whenever the power fails, what a server has acknowledged is in its \
     snapshot or in its log when it comes back.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.4").each([
        ("restore", "Restoring brings back state machine, sessions and indexes", STEP_8, restores),
        ("restore", "Bytes that are not a snapshot change nothing", STEP_8, no_snapshot),
        ("recover", "A server comes back with its snapshot and the log after it", BACK, comes_back),
        ("recover", "A server without a snapshot comes back as before", BACK, without),
        ("recover", "A server's term and vote are not the snapshot's", TERM, term_and_vote),
        (
            "recover",
            "A crash between snapshot and log loses none of the entries that follow",
            FINISH,
            interrupted,
        ),
        (
            "recover",
            "An entry appended after an interrupted compaction survives the next crash",
            FINISH,
            appended,
        ),
        (
            "recover",
            "A log that does not hold the snapshot's last entry is discarded",
            OTHER,
            other_log,
        ),
        ("recover", "A log that begins after the snapshot's end is an error", GAP, gap),
        ("recover", "A damaged snapshot is an error", DAMAGE, damaged),
        (
            "recover",
            "The configuration of the log comes back, or else the snapshot's",
            CONFIGURATION,
            configuration,
        ),
        (
            "recover",
            "A configuration in the log does not hide the one with which the server was started",
            CONFIGURATION,
            first_one,
        ),
        ("recover", "Recovering twice has the same result as recovering once", TWICE, twice),
        (
            "recover",
            "A crash after any disk operation loses nothing that was acknowledged",
            CRASHES,
            crashes,
        ),
    ])
    .list()
}

fn done(check: &Context, result: std::io::Result<()>) -> Verdict {
    result.map_err(|error| check.failure("the disk does not fail", error.to_string()))
}

/// S1 on this disk, just started.
fn started(check: &Context, disk: &SimulatedDisk) -> Result<RaftNode, Box<Failure>> {
    let mut node = new_on(disk, table(4));
    check.handle(&mut node, Event::Start)?;
    Ok(node)
}

/// S1 in term 4, which has voted for S2, has entries of these terms, and has applied the first `applied`.
/// All of it is on disk.
fn on_disk(
    check: &mut Context,
    terms: &[u64],
    applied: u64,
) -> Result<(RaftNode, SimulatedDisk), Box<Failure>> {
    let disk = SimulatedDisk::new();
    let mut node = fill(new_on(&disk, table(4)), 4, terms, applied);
    node.voted_for = Some(S2);
    done(check, persist(&mut node))?;
    Ok((node, disk))
}

/// The same, and S1 has taken a snapshot of what is applied, and saved it.
fn with_snapshot(
    check: &mut Context,
    terms: &[u64],
    applied: u64,
) -> Result<(RaftNode, SimulatedDisk), Box<Failure>> {
    let (mut node, disk) = on_disk(check, terms, applied)?;
    take_snapshot(&mut node);
    done(check, persist(&mut node))?;
    Ok((node, disk))
}

/// S1 must have entries of these terms, of which a snapshot replaces the first `applied`, and their state.
fn is_back(check: &Context, node: &RaftNode, terms: &[u64], applied: u64) -> Verdict {
    is_log(check, node, terms, applied)?;
    let x = &x_after(&terms[..usize::try_from(applied).unwrap_or(0)]);
    check.equal("commit_index", node.commit_index.0, applied)?;
    check.equal("last_applied", node.last_applied.0, applied)?;
    check.same_text("x in the state machine", &x_of(node), x)
}

const TERMS: [u64; 6] = [1, 1, 2, 2, 3, 3];

fn restores(check: &mut Context) -> Verdict {
    let mut other = server(table(4), 3, &TERMS, 4);
    other.sessions.insert(ClientId(7), session(2, "ok", 3));
    take_snapshot(&mut other);
    let data = other.snapshots.latest.as_ref().map(|snapshot| snapshot.data.clone());
    let data = data.unwrap_or_default();
    let mut node = server(table(4), 4, &[1, 1], 2);
    check.step(
        "S1 has applied two entries; restore a snapshot of the first four entries, which ends with 4@2",
    );
    done(check, restore(&mut node, Index(4), Term(2), data.clone()))?;
    check.same_text("x in the state machine", &x_of(&node), &x_after(&TERMS[..4]))?;
    check.equal("the sessions", &node.sessions, &other.sessions)?;
    check.equal("commit_index", node.commit_index.0, 4)?;
    check.equal("last_applied", node.last_applied.0, 4)?;
    let Some(snapshot) = &node.snapshots.latest else {
        return Err(check.failure("the snapshot in node.snapshots.latest", "none"));
    };
    let end = (snapshot.last_included_index.0, snapshot.last_included_term.0);
    check.equal("where the snapshot in node.snapshots.latest ends", end, (4, 2))?;
    check.same_text("its members", &names(&snapshot.members), "S1 S2 S3")?;
    check.holds(snapshot.data == data, "its data is what was restored", "it is different")
}

fn no_snapshot(check: &mut Context) -> Verdict {
    let mut node = server(table(4), 4, &[1, 1], 2);
    check.step("restore bytes that are not a snapshot");
    let result = restore(&mut node, Index(4), Term(2), Bytes::from_static(b"\xff\xff\xff"));
    check.holds(result.is_err(), "an error", "Ok")?;
    is_log(check, &node, &[1, 1], 0)?;
    check.equal("commit_index", node.commit_index.0, 2)?;
    check.equal("last_applied", node.last_applied.0, 2)?;
    check.same_text("x in the state machine", &x_of(&node), &x_after(&[1, 1]))?;
    let none = node.snapshots.latest.is_none();
    check.holds(none, "no snapshot in node.snapshots.latest", "there is one")
}

fn comes_back(check: &mut Context) -> Verdict {
    for (applied, tail) in [(4, 0), (6, 0), (1, 0), (4, 2), (6, 3), (3, 1_000)] {
        let (mut node, disk) = on_disk(check, &TERMS, applied)?;
        node.config.snapshot_tail = tail;
        take_snapshot(&mut node);
        done(check, persist(&mut node))?;
        check.step(format!(
            "S1 has saved a snapshot of {applied} of six entries, and a log with {}; it restarts",
            log_of(&node)
        ));
        disk.crash(0);
        let node = started(check, &disk)?;
        is_back(check, &node, &TERMS, applied)?;
    }
    Ok(())
}

fn without(check: &mut Context) -> Verdict {
    let (_, disk) = on_disk(check, &TERMS, 4)?;
    check.step("S1 has saved six entries and no snapshot; it restarts");
    let node = started(check, &disk)?;
    is_back(check, &node, &TERMS, 0)?;
    check.step("S1 was never started before");
    let node = started(check, &SimulatedDisk::new())?;
    is_back(check, &node, &[], 0)
}

fn term_and_vote(check: &mut Context) -> Verdict {
    let (_, disk) = with_snapshot(check, &TERMS, 4)?;
    check.step("S1 is in term 4 and has voted for S2; its snapshot ends with 4@2; it restarts");
    let node = started(check, &disk)?;
    check.equal("the term", node.current_term.0, 4)?;
    check.equal("the vote", node.voted_for, Some(S2))
}

/// The disk of a server that has saved a snapshot of four of its six entries, and whose log's file is
/// still what it was before.
fn between(check: &mut Context) -> Result<SimulatedDisk, Box<Failure>> {
    let (mut node, disk) = on_disk(check, &TERMS, 4)?;
    let log = disk.read(LOG).unwrap_or_default();
    take_snapshot(&mut node);
    done(check, persist(&mut node))?;
    disk.damage(LOG, |bytes| *bytes = log);
    check.step(
        "S1 has saved a snapshot of four of its six entries; it crashes before its log is compacted, and \
         restarts",
    );
    Ok(disk)
}

fn interrupted(check: &mut Context) -> Verdict {
    let disk = between(check)?;
    let node = started(check, &disk)?;
    is_back(check, &node, &TERMS, 4)?;
    check.equal("the term", node.current_term.0, 4)?;
    check.equal("the vote", node.voted_for, Some(S2))
}

fn appended(check: &mut Context) -> Verdict {
    let disk = between(check)?;
    let mut node = started(check, &disk)?;
    check.step(format!("{}; S2 sends an entry of term 4, and S1 restarts", check.current_step()));
    ask(check, &mut node, Request::AppendEntries(append(4, (6, 3), &[4], 4)))?;
    disk.crash(0);
    let node = started(check, &disk)?;
    is_back(check, &node, &[1, 1, 2, 2, 3, 3, 4], 4)
}

fn other_log(check: &mut Context) -> Verdict {
    let (_, other) = with_snapshot(check, &TERMS, 5)?;
    let snapshot = other.read(SNAPSHOT).unwrap_or_default();
    for (terms, told) in [
        (&[1, 1, 2, 2, 2, 2, 2][..], "its own entry 5 is of term 2"),
        (&[1, 1, 2], "its own log ends at index 3"),
        (&[], "its own log is empty"),
    ] {
        let (_, disk) = on_disk(check, terms, 2)?;
        disk.damage(SNAPSHOT, |bytes| bytes.clone_from(&snapshot));
        check.step(format!(
            "S1 has received a snapshot that ends with 5@3, and saved it; {told}; it crashes before its \
             log is compacted, and restarts"
        ));
        let mut node = started(check, &disk)?;
        // Its own log says nothing about the entries that the snapshot replaces.
        check.same_text("the log", &log_of(&node), "base 5@3, entries after it: none")?;
        is_back(check, &node, &TERMS[..5], 5)?;
        check.step(format!("{}; it is sent an entry, and restarts again", check.current_step()));
        ask(check, &mut node, Request::AppendEntries(append(4, (5, 3), &[4], 5)))?;
        disk.crash(0);
        let node = started(check, &disk)?;
        is_back(check, &node, &[1, 1, 2, 2, 3, 4], 5)?;
    }
    Ok(())
}

fn gap(check: &mut Context) -> Verdict {
    let refuses = |check: &Context, disk: &SimulatedDisk| {
        let mut node = new_on(disk, table(4));
        let error = node.handle(Event::Start).is_err();
        let happened = format!("it starts with {}", log_of(&node));
        check.holds(error, "S1 does not start, and says why", happened)
    };
    let (mut node, disk) = with_snapshot(check, &TERMS, 2)?;
    let older = disk.read(SNAPSHOT).unwrap_or_default();
    (node.commit_index, node.last_applied) = (Index(4), Index(4));
    take_snapshot(&mut node);
    compact(&mut node.log, Index(4), Term(2));
    done(check, persist(&mut node))?;
    check.step(
        "S1's log begins after index 4; its snapshot is an older one, which ends at index 2; it restarts",
    );
    disk.damage(SNAPSHOT, |bytes| *bytes = older);
    refuses(check, &disk)?;
    check.step("S1's log begins after index 4, and its snapshot is lost; it restarts");
    disk.damage(SNAPSHOT, Vec::clear);
    refuses(check, &disk)
}

fn damaged(check: &mut Context) -> Verdict {
    let (_, disk) = with_snapshot(check, &TERMS, 4)?;
    let whole = disk.read(SNAPSHOT).unwrap_or_default();
    let starts = |check: &mut Context, what: String, bytes: Vec<u8>| {
        check.step(format!("the snapshot's file has {} bytes; {what}; S1 restarts", whole.len()));
        disk.damage(SNAPSHOT, |file| *file = bytes);
        let back = new_on(&disk, table(4)).handle(Event::Start).is_ok();
        check.holds(!back, "S1 does not start, and says why", "it starts")
    };
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0x10;
        starts(check, format!("one bit of byte {place} is flipped"), bytes)?;
        if place > 0 {
            let bytes = whole[..place].to_vec();
            starts(check, format!("only the first {place} of them are left"), bytes)?;
        }
    }
    Ok(())
}

fn configuration(check: &mut Context) -> Verdict {
    // Entry 3 says S1 S2, and entry 5, not committed, S1 S2 S4.
    for (applied, last, expected) in [
        (4, 4, "S1 S2"),
        (4, 5, "S1 S2 S4"),
        (2, 2, "S1 S2 S3"),
        (2, 4, "S1 S2"),
        (3, 5, "S1 S2 S4"),
    ] {
        let (mut node, disk) = on_disk(check, &[1, 1], 2)?;
        let rest = [change(2, &[1, 2]), entries(4, &[2])[0].clone(), change(3, &[1, 2, 4])];
        for entry in rest.into_iter().take(last - 2) {
            node.log.append(entry);
        }
        node.members = members_at(&node, node.log.last_index());
        let applied_too = Index(applied);
        node.commit_index = applied_too;
        (node.rules.apply)(&mut node, &mut Outbox::new());
        take_snapshot(&mut node);
        done(check, persist(&mut node))?;
        check.step(format!(
            "S1 was started with S1 S2 S3; entry 3 says S1 S2, and entry 5 S1 S2 S4; its log ends at \
             {last}, and a snapshot replaces {applied} of the entries; it restarts"
        ));
        let node = started(check, &disk)?;
        check.same_text("its members", &names(&node.members), expected)?;
    }
    Ok(())
}

fn first_one(check: &mut Context) -> Verdict {
    let (mut node, disk) = on_disk(check, &[1, 1], 0)?;
    node.log.append(change(2, &[1, 2]));
    done(check, persist(&mut node))?;
    check.step("S1 was started with S1 S2 S3, and entry 3 says S1 S2; it restarts");
    let mut node = started(check, &disk)?;
    check.same_text("its members", &names(&node.members), "S1 S2")?;
    check.same_text(
        "the members as of entry 2",
        &names(&members_at(&node, Index(2))),
        "S1 S2 S3",
    )?;
    check.step(format!(
        "{}, applies two entries, and takes a snapshot of them",
        check.current_step()
    ));
    (node.commit_index, node.last_applied) = (Index(2), Index(2));
    take_snapshot(&mut node);
    let data = node.snapshots.latest.as_ref().map(|snapshot| snapshot.data.clone());
    let contents = Contents::from_bytes(&data.unwrap_or_default());
    let members = contents.map(|contents| names(&contents.members)).unwrap_or_default();
    check.same_text("the members in the snapshot", &members, "S1 S2 S3")
}

fn twice(check: &mut Context) -> Verdict {
    let disks = [with_snapshot(check, &TERMS, 4)?.1, between(check)?, on_disk(check, &TERMS, 4)?.1];
    for disk in disks {
        check.step("S1 restarts twice on the same disk");
        let once = started(check, &disk)?;
        let kept = [SNAPSHOT, LOG].map(|file| disk.read(file).unwrap_or_default());
        disk.crash(0);
        let again = started(check, &disk)?;
        check.same_text("the log", &log_of(&again), &log_of(&once))?;
        check.equal("what can be seen of S1", again.view(), once.view())?;
        check.same_text("x in the state machine", &x_of(&again), &x_of(&once))?;
        let same = kept == [SNAPSHOT, LOG].map(|file| disk.read(file).unwrap_or_default());
        check.holds(same, "the files are as after the first time", "they are different")?;
    }
    Ok(())
}

/// What S1 has acknowledged: its term, and how long its log was.
type Acknowledged = (u64, u64);

/// S1 is sent entry after entry, and takes a snapshot now and then, until its disk fails.
fn live(node: &mut RaftNode) -> Acknowledged {
    let mut acknowledged = (0, 0);
    if node.handle(Event::Start).is_err() {
        return acknowledged;
    }
    for index in 1..=12 {
        let term = 1 + index / 5;
        let before = if index == 1 { 0 } else { 1 + (index - 1) / 5 };
        let request = Request::AppendEntries(append(term, (index - 1, before), &[term], index - 1));
        let call = super::subject::protocol::CallId(index);
        if node.handle(Event::Request { call, from: S2, request }).is_err() {
            return acknowledged;
        }
        acknowledged = (term, index);
    }
    acknowledged
}

fn crashes(check: &mut Context) -> Verdict {
    for tail in [0, 2] {
        crash_with_tail(check, tail)?;
    }
    Ok(())
}

fn crash_with_tail(check: &mut Context, tail: usize) -> Verdict {
    let make = |disk: &SimulatedDisk| {
        let mut node = new_on(disk, table(4));
        (node.config.snapshot_entries, node.config.snapshot_tail) = (3, tail);
        node
    };
    let whole = SimulatedDisk::new();
    live(&mut make(&whole));
    let writes = whole.writes();
    for number in 0..writes {
        for torn in [0, 1, 5, 20, usize::MAX] {
            let disk = SimulatedDisk::new();
            disk.trouble_after(Trouble::Crash { torn }, number);
            let (term, index) = live(&mut make(&disk));
            disk.start();
            let torn = if torn == usize::MAX { "all".to_owned() } else { torn.to_string() };
            check.step(format!(
                "S1 is sent twelve entries, takes a snapshot every three entries, and keeps {tail} of \
                 those that it replaces; the power fails during write {} of {writes}, of which {torn} \
                 bytes reach the disk; {index} entries are acknowledged by then; it restarts",
                number + 1
            ));
            let node = started(check, &disk)?;
            let happened = format!("term {}, {}", node.current_term, log_of(&node));
            let kept = node.log.last_index().0 >= index && node.current_term.0 >= term;
            check.holds(kept, format!("at least term {term}, and {index} entries"), happened)?;
            let applied: Vec<u64> = (1..=node.last_applied.0).map(|index| 1 + index / 5).collect();
            check.same_text("x in the state machine", &x_of(&node), &x_after(&applied))?;
        }
    }
    Ok(())
}
