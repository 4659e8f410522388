//! Exercise 6.2: what is in a snapshot, when one is taken, and what stays in the log.

use gates::{Check, Checks, Context, Failure, Verdict};

use super::model::{Log, RaftNode, Snapshot};
use super::servers::{
    change, entries, is_log, log_of, members, names, server, session, snapshot, x_after,
};
use super::subject::protocol::{ClientId, Entry, Index, KeyValue, StateMachine as _, Term};
use super::subject::replication::LogEdit as _;
use super::subject::snapshot::{Contents, is_due, members_at, take_snapshot};
use super::table;

const LATEST: &str = "§7: \"the snapshot also includes the latest configuration in the log as of last \
     included index\"; §6: the latest configuration is that of the last entry which holds one.";
const UNCOMMITTED: &str = "§7: the configuration in a snapshot is the latest \"as of last included \
     index\". A later one in the log may still be overwritten; a server that finds it in a snapshot \
     would use it forever.";
const DUE: &str = "§7: \"one simple strategy is to take a snapshot when the log reaches a fixed size\": \
     too often wastes the disk's time, too seldom its space. Only applied entries count: no others can be \
     in a snapshot yet. They are counted from the last snapshot, because some of those before it may \
     still be in the log.";
const REPLACES: &str = "§7, Figure 12: the snapshot replaces the applied entries, up to and including \
     the last applied one; its index and term are kept with it. What follows stays in the log.";
const TAIL: &str = "§7, Figure 12: entries after the last included index are in no snapshot, so all of \
     them stay. Of those before it a server may keep some, for followers slightly behind, but never \
     more than its log still holds.";
const STATE: &str = "§7: \"the entire current system state is written to a snapshot\": the state machine \
     as it is, and the clients' sessions (§8). Without them a command that is repeated after the \
     snapshot would be executed twice, and servers that start from it would end other sessions.";
const LARGE: &str = "§7: a simple strategy is \"to take a snapshot when the log reaches a fixed size in bytes\": a \
     number of entries says little about their size.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.2")
        .each([
            (
                "members_at",
                "The latest configuration up to an index counts",
                LATEST,
                latest_members,
            ),
            (
                "members_at",
                "Without a configuration in the log, the snapshot's counts",
                LATEST,
                snapshot_members,
            ),
            ("is_due", "A snapshot is due when enough entries have been applied", DUE, due),
            ("is_due", "Large commands make a snapshot due before many are applied", LARGE, large),
            ("take_snapshot", "A snapshot replaces what is applied", REPLACES, replaces),
            ("take_snapshot", "What follows a snapshot stays, whatever the tail", TAIL, tails),
            ("take_snapshot", "A snapshot holds the state of the state machine", STATE, machine),
            ("take_snapshot", "A snapshot holds the clients' sessions", STATE, sessions),
            (
                "take_snapshot",
                "A snapshot holds the configuration that is applied, and no later one",
                UNCOMMITTED,
                configuration,
            ),
        ])
        .list()
}

/// The terms of S1's entries.
const TERMS: [u64; 6] = [1, 1, 2, 2, 3, 3];

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
    node.snapshots.latest = Some(snapshot(0, 0, &[1, 2, 3]));
    node.log.append(change(2, &[1, 2, 3, 4]));
    node.log.append(entries(4, &[2])[0].clone());
    node.log.append(change(2, &[1, 2, 4]));
    node.members = members(&[1, 2, 4]);
    let about = "S1 was started with S1 S2 S3; entry 3 says S1 S2 S3 S4, and entry 5 S1 S2 S4";
    let rows =
        [(0, "S1 S2 S3"), (2, "S1 S2 S3"), (3, "S1 S2 S3 S4"), (4, "S1 S2 S3 S4"), (5, "S1 S2 S4")];
    is_at(check, &node, about, &rows)?;
    let node = server(table(2), 2, &[1, 1], 0);
    let about =
        "S1 was started with S1 S2 S3, and has neither a snapshot nor a configuration in its log";
    is_at(check, &node, about, &[(0, "S1 S2 S3"), (2, "S1 S2 S3")])
}

fn snapshot_members(check: &mut Context) -> Verdict {
    let mut node = server(table(2), 3, &[], 0);
    node.log = Log::with_base(Index(4), Term(2), entries(5, &[3]));
    node.log.append(change(3, &[1, 2]));
    node.snapshots.latest = Some(snapshot(4, 2, &[1, 2, 4]));
    node.members = members(&[1, 2]);
    let about = "S1 was started with S1 S2 S3; its snapshot up to index 4 says S1 S2 S4, and entry 6 \
                 S1 S2";
    is_at(check, &node, about, &[(4, "S1 S2 S4"), (5, "S1 S2 S4"), (6, "S1 S2")])
}

fn due(check: &mut Context) -> Verdict {
    // How many are enough is left to the server, between a tenth of the limit and twice the limit; so
    // is whether it counts entries or their bytes. The tail of the log does not count again.
    for (latest, tail, applied, last, expected) in [
        (0, 0, 0, 0, false),
        (0, 0, 10, 10, false),
        (0, 0, 200, 200, true),
        (0, 0, 10, 900, false),
        (1_000, 0, 1_000, 1_000, false),
        (1_000, 0, 1_010, 1_020, false),
        (1_000, 0, 1_200, 1_250, true),
        (1_000, 500, 1_000, 1_000, false),
        (1_000, 500, 1_010, 1_020, false),
        (1_000, 500, 1_200, 1_250, true),
    ] {
        let mut node = server(table(2), 1, &[], 0);
        (node.config.snapshot_entries, node.config.snapshot_tail) = (100, tail);
        let base = latest - tail as u64;
        let after = usize::try_from(last - base).unwrap_or(0);
        node.log = Log::with_base(Index(base), Term(1), entries(base + 1, &vec![1; after]));
        node.snapshots.latest = (latest > 0).then(|| snapshot(latest, 1, &[1, 2, 3]));
        (node.commit_index, node.last_applied) = (Index(applied), Index(applied));
        check.step(format!(
            "snapshot_entries is 100; the last snapshot ends at index {latest}, the log begins after \
             index {base} and ends at {last}, and {applied} is applied"
        ));
        check.equal("is a snapshot due?", is_due(&node), expected)?;
    }
    Ok(())
}

fn large(check: &mut Context) -> Verdict {
    // Far below and far above the limit, since a server may count whatever else an entry needs.
    for (bytes, expected) in [(1, false), (100_000, true)] {
        let mut node = server(table(2), 1, &[], 0);
        (node.config.snapshot_entries, node.config.snapshot_bytes) = (100, 100_000);
        let command = format!("set x {}", "a".repeat(bytes));
        let log = vec![Entry::command(Term(1), command.as_str()); 10];
        node.snapshots.applied_bytes = log.iter().map(Entry::bytes).sum();
        node.log = Log::with_base(Index(0), Term(0), log);
        (node.commit_index, node.last_applied) = (Index(10), Index(10));
        check.step(format!(
            "snapshot_entries is 100, and snapshot_bytes 100000; 10 entries are applied, with commands of {} \
             bytes together; there is no snapshot yet",
            node.snapshots.applied_bytes
        ));
        check.equal("is a snapshot due?", is_due(&node), expected)?;
    }
    Ok(())
}

/// S1 takes a snapshot. Returns it, and what is in it.
fn taken(check: &mut Context, node: &mut RaftNode) -> Result<(Snapshot, Contents), Box<Failure>> {
    check.step(format!(
        "S1 has a log with {}, and has applied {}; it takes a snapshot",
        log_of(node),
        node.last_applied
    ));
    take_snapshot(node);
    let Some(snapshot) = node.snapshots.latest.clone() else {
        return Err(check.failure("a snapshot in node.snapshots.latest", "none"));
    };
    match Contents::from_bytes(&snapshot.data) {
        Ok(contents) => Ok((snapshot, contents)),
        Err(error) => Err(check.failure("Contents as the snapshot's data", error.to_string())),
    }
}

/// The value of the key x in a snapshot.
fn x_in(contents: &Contents) -> String {
    let mut machine = KeyValue::new();
    machine.restore(&contents.machine);
    String::from_utf8_lossy(&machine.query(b"get x")).into_owned()
}

fn replaces(check: &mut Context) -> Verdict {
    for (applied, term) in [(4, 2), (6, 3), (1, 1)] {
        let mut node = server(table(2), 3, &TERMS, applied);
        let (snapshot, _) = taken(check, &mut node)?;
        check.equal("the last included index", snapshot.last_included_index.0, applied)?;
        check.equal("the last included term", snapshot.last_included_term.0, term)?;
        is_log(check, &node, &TERMS, applied)?;
        check.equal("last_applied", node.last_applied.0, applied)?;
    }
    Ok(())
}

fn tails(check: &mut Context) -> Verdict {
    for tail in [0, 1, 3, 4, 5, 1_000, usize::MAX] {
        let mut node = server(table(2), 3, &TERMS, 4);
        node.config.snapshot_tail = tail;
        let step = format!("snapshot_tail is {tail}");
        is_taken(check, &step, &mut node, 4)?;
        // A second one: its tail may reach below the base that the first has left.
        (node.commit_index, node.last_applied) = (Index(5), Index(5));
        is_taken(check, &step, &mut node, 5)?;
        // And one after a snapshot that another server has sent: nothing is left before its end.
        let mut node = server(table(2), 3, &[], 0);
        node.config.snapshot_tail = tail;
        node.log = Log::with_base(Index(4), Term(2), entries(5, &TERMS[4..]));
        node.snapshots.latest = Some(snapshot(4, 2, &[1, 2, 3]));
        (node.commit_index, node.last_applied) = (Index(5), Index(5));
        is_taken(check, &step, &mut node, 5)?;
    }
    Ok(())
}

/// S1 takes a snapshot that must end at this index; all entries after it must stay.
fn is_taken(check: &mut Context, step: &str, node: &mut RaftNode, index: u64) -> Verdict {
    check.step(format!(
        "{step}; S1 has a log with {}, and has applied {}; it takes a snapshot",
        log_of(node),
        node.last_applied
    ));
    let before = node.log.base_index();
    take_snapshot(node);
    let latest = node.snapshots.latest.as_ref();
    let last = latest.map_or(0, |snapshot| snapshot.last_included_index.0);
    check.equal("the last included index", last, index)?;
    is_log(check, node, &TERMS, index)?;
    let expected = format!("the log begins after index {before} or a later one");
    let happened = format!("it begins after index {}", node.log.base_index());
    check.holds(node.log.base_index() >= before, expected, happened)
}

fn machine(check: &mut Context) -> Verdict {
    for (applied, known) in [(4, 4), (3, 5)] {
        let mut node = server(table(2), 3, &TERMS, applied);
        node.commit_index = Index(known);
        let (snapshot, contents) = taken(check, &mut node)?;
        check.equal("the last included index", snapshot.last_included_index.0, applied)?;
        let expected = x_after(&TERMS[..usize::try_from(applied).unwrap_or(0)]);
        check.same_text("x in the snapshot", &x_in(&contents), &expected)?;
    }
    Ok(())
}

fn sessions(check: &mut Context) -> Verdict {
    let mut node = server(table(2), 3, &[1, 1], 2);
    node.sessions.insert(ClientId(1), session(3, "ok", 2));
    node.sessions.insert(ClientId(2), session(1, "none", 2));
    let (_, contents) = taken(check, &mut node)?;
    check.equal("the sessions in the snapshot", &contents.sessions, &node.sessions)
}

fn configuration(check: &mut Context) -> Verdict {
    for (applied, expected) in
        [(2, "S1 S2 S3"), (3, "S1 S2 S3 S4"), (4, "S1 S2 S3 S4"), (5, "S1 S3")]
    {
        let mut node = server(table(2), 2, &[1, 1], 0);
        node.snapshots.latest = Some(snapshot(0, 0, &[1, 2, 3]));
        node.log.append(change(2, &[1, 2, 3, 4]));
        node.log.append(entries(4, &[2])[0].clone());
        node.log.append(change(2, &[1, 3]));
        (node.commit_index, node.last_applied) = (Index(applied), Index(applied));
        node.members = members(&[1, 3]);
        let (snapshot, contents) = taken(check, &mut node)?;
        check.step(format!(
            "entry 3 holds the configuration S1 S2 S3 S4, and entry 5 S1 S3; S1 has applied index {applied}, and takes a snapshot"
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
