//! Exercise 5.5: a server from its disk.

use gates::simulator::{SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Verdict};

use super::servers::{
    S1, S2, S3, append, ask_vote, comes_back, entry, life, record, server, state, well,
};
use super::subject::protocol::{Event, Index, Node as _, Term};
use super::subject::replication::LogEdit as _;
use super::subject::{LOG, encode, frame, recover, replay, save};
use super::table;

const STATE: &str = "Figure 2, \"persistent state on all servers\": currentTerm, votedFor and log[]. \"Volatile state\": \
     commitIndex and lastApplied, \"initialized to 0\".";
const FOLLOWER: &str = "§5.2: \"When servers start up, they begin as followers.\" No vote that was counted before a crash \
     counts after it.";
const FOLLOWS: &str = "A record says after which entry its own come (§5.3, as a leader says it to a follower). If that \
     entry is not there, records are missing: what they promised is lost.";
const BEGINS: &str = "§7: when a log has been compacted (module 6), its first record follows the last entry that is gone. \
     What precedes it is in a snapshot, and is not missing.";
const TORN: &str = "What a crash has torn was never answered (Figure 2), and goes. If it stayed in the file, the next record would be behind it and would not be found.";
const DURABLE: &str = "Figure 2: what a server answers by must be on stable storage. When a process ends and its machine goes \
     on, its file may hold what was never synced.";
const DAMAGED: &str = "§5.2, §5.3: others count on what this server has promised. If its disk has lost some of it, it must not \
     take part any more.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.5")
        .each([
            (
                "replay",
                "A record brings term, vote and entries, and takes away what it replaces",
                STATE,
                replays,
            ),
            ("replay", "A record that continues no entry is rejected", FOLLOWS, follows),
            (
                "recover",
                "A server comes back with its term, vote and log, as a follower",
                FOLLOWER,
                back,
            ),
            ("recover", "A server with an empty disk is a new one", STATE, new),
            ("recover", "The first record says where the log begins", BEGINS, begins),
            ("recover", "A server that comes back has nothing to save", STATE, nothing_unsaved),
            (
                "recover",
                "After a crash inside any record the server is as it was before it",
                TORN,
                torn,
            ),
            ("recover", "A torn end is cut off before anything is appended", TORN, cut_off),
            ("recover", "Recovering twice is recovering once", TORN, twice),
            ("recover", "What is found in the file is made durable", DURABLE, synced),
            (
                "recover",
                "Every flipped bit keeps a server from starting, or does no harm",
                DAMAGED,
                flipped,
            ),
        ])
        .list()
}

/// The disk of a server as it was at some moment, and its state then, in words.
type Moment = (SimulatedDisk, String);

/// What a server was after each event of a short life.
fn lived(check: &Context) -> Result<Vec<Moment>, Box<gates::Failure>> {
    let disk = SimulatedDisk::new();
    let mut node = server(table(5), disk.clone());
    check.handle(&mut node, Event::Start)?;
    let events = [
        ask_vote(1, S3),
        append(2, (0, 0), &[entry(2, "set x 1"), entry(2, "set x 2"), entry(2, "set x 3")]),
        append(3, (1, 2), &[entry(3, "set y 1")]),
        ask_vote(4, S2),
    ];
    let mut moments = vec![(disk.survivors(0), state(&node))];
    for event in events {
        check.handle(&mut node, event)?;
        moments.push((disk.survivors(0), state(&node)));
    }
    Ok(moments)
}

fn replays(check: &mut Context) -> Verdict {
    let mut node = server(table(5), SimulatedDisk::new());
    let expected = [
        "follower in term 1, a vote for S1, an empty log",
        "follower in term 2, a vote for S2, the log 2:NoOp, 2:set x 1",
        "follower in term 2, a vote for S2, the log 2:NoOp, 2:set x 1, 2:Members({ServerId(1), ServerId(2)}), 2:",
        "follower in term 300, no vote, the log 2:NoOp, 300:append y äöü",
    ];
    for (number, (record, expected)) in (1..).zip(life().into_iter().zip(expected)) {
        check.step(format!("replay record {number} of 4"));
        well(check, replay(&mut node, record), "replay")?;
        let expected = format!("{expected}, committed up to 0, applied up to 0");
        check.same_text("the server is", &state(&node), &expected)?;
    }
    Ok(())
}

fn follows(check: &mut Context) -> Verdict {
    for (prev, what) in [
        ((3, 1), "index 3, where there is none"),
        ((2, 5), "an entry of term 5 at index 2, which is of term 1"),
    ] {
        let mut node = server(table(5), SimulatedDisk::new());
        let log = [entry(1, "set x 1"), entry(1, "set x 2")];
        well(check, replay(&mut node, record(1, None, (0, 0), &log)), "replay")?;
        check.step(format!("a log has two entries of term 1; replay a record that follows {what}"));
        let refused = replay(&mut node, record(6, None, prev, &[entry(6, "set x 3")])).is_err();
        check.holds(refused, "an error", "the record is taken in")?;
    }
    Ok(())
}

fn back(check: &mut Context) -> Verdict {
    let moments = lived(check)?;
    for (number, (disk, expected)) in moments.iter().enumerate() {
        check.step(format!(
            "a server has saved after each of {number} events, crashes, and comes back"
        ));
        check.same_text("it is", &comes_back(table(5), disk), expected)?;
    }
    check.step("a leader that has voted for itself crashes, and comes back");
    let disk = SimulatedDisk::new();
    let mut node = server(table(5), disk.clone());
    (node.current_term, node.voted_for) = (Term(3), Some(S1));
    node.log.append(entry(3, "set x 1"));
    node.commit_index = Index(1);
    node.last_applied = Index(1);
    well(check, save(&mut node), "save")?;
    let expected =
        "follower in term 3, a vote for S1, the log 3:set x 1, committed up to 0, applied up to 0";
    check.same_text("it is", &comes_back(table(5), &disk), expected)
}

fn new(check: &mut Context) -> Verdict {
    check.step("start a server on an empty disk");
    let expected = "follower in term 0, no vote, an empty log, committed up to 0, applied up to 0";
    check.same_text("it is", &comes_back(table(5), &SimulatedDisk::new()), expected)
}

fn begins(check: &mut Context) -> Verdict {
    for (index, term) in [(0, 0), (1, 1), (4, 2)] {
        let first = record(3, Some(S2), (index, term), &[entry(3, "set x 1"), entry(3, "set x 2")]);
        let second = record(4, None, (index + 1, 3), &[entry(4, "set x 3")]);
        let file = [first, second].map(|record| frame(&encode(&record))).concat();
        let disk = SimulatedDisk::with_files([(LOG.to_owned(), file)].into());
        let mut node = server(table(5), disk);
        check.step(format!(
            "the first record on disk follows index {index} of term {term}, and brings two entries; the \
             second one follows index {}, and brings another; a server recovers",
            index + 1
        ));
        well(check, recover(&mut node), "recover")?;
        check.equal("the base of its log", node.log.base_index(), Index(index))?;
        check.equal("the term at its base", node.log.base_term(), Term(term))?;
        check.equal("the last index of its log", node.log.last_index(), Index(index + 2))?;
        check.equal("the term of its last entry", node.log.last_term(), Term(4))?;
    }
    Ok(())
}

/// Lets the last of some events be interrupted at each byte that it writes.
fn interrupted(
    check: &mut Context,
    mut judge: impl FnMut(&mut Context, &SimulatedDisk, bool) -> Verdict,
) -> Verdict {
    let moments = lived(check)?;
    let before = &moments[moments.len() - 2].0;
    let whole = before.survivors(0);
    let mut node = server(table(5), whole.clone());
    check.handle(&mut node, Event::Start)?;
    check.handle(&mut node, ask_vote(4, S2))?;
    for torn in 0.. {
        let disk = before.survivors(0);
        let mut node = server(table(5), disk.clone());
        check.handle(&mut node, Event::Start)?;
        disk.trouble(Trouble::Crash { torn });
        let _ = node.handle(ask_vote(4, S2));
        disk.start();
        let all = disk.files() == whole.files();
        check.step(format!(
            "a server votes for S2 in term 4; a crash comes when {torn} bytes of that are written"
        ));
        judge(check, &disk, all)?;
        if all || torn > 10_000 {
            break;
        }
    }
    Ok(())
}

fn torn(check: &mut Context) -> Verdict {
    let moments = lived(check)?;
    let [.., (_, before), (_, after)] = moments.as_slice() else { return Ok(()) };
    interrupted(check, |check, disk, all| {
        let expected = if all { after } else { before };
        check.same_text("it comes back as", &comes_back(table(5), disk), expected)
    })
}

fn cut_off(check: &mut Context) -> Verdict {
    interrupted(check, |check, disk, _| {
        let mut node = server(table(5), disk.clone());
        check.handle(&mut node, Event::Start)?;
        check.step(format!(
            "{}; it comes back, votes for S3 in term 5, and crashes again",
            check.current_step()
        ));
        check.handle(&mut node, ask_vote(5, S3))?;
        check.same_text("it comes back as", &comes_back(table(5), disk), &state(&node))
    })
}

fn twice(check: &mut Context) -> Verdict {
    interrupted(check, |check, disk, _| {
        let mut first = server(table(5), disk.clone());
        check.handle(&mut first, Event::Start)?;
        let files = disk.files();
        check.step(format!(
            "{}; it comes back, crashes at once, and comes back",
            check.current_step()
        ));
        let mut second = server(table(5), disk.clone());
        check.handle(&mut second, Event::Start)?;
        check.same_text("it comes back as", &state(&second), &state(&first))?;
        check.holds(disk.files() == files, "its files are as before", "they have changed once more")
    })
}

fn synced(check: &mut Context) -> Verdict {
    let disk = SimulatedDisk::new();
    let mut node = server(table(5), disk.clone());
    disk.trouble(Trouble::Kill { torn: usize::MAX });
    check.step("a process ends when its vote for S2 in term 4 is written, and not synced; its machine goes on");
    let _ = node.handle(ask_vote(4, S2));
    disk.start();
    let mut node = server(table(5), disk.clone());
    check.handle(&mut node, Event::Start)?;
    check.step("it is started again, and then its machine crashes");
    check.same_text("it comes back as", &comes_back(table(5), &disk), &state(&node))
}

fn flipped(check: &mut Context) -> Verdict {
    let moments = lived(check)?;
    let Some((disk, expected)) = moments.last() else { return Ok(()) };
    for (file, content) in disk.files() {
        for bit in 0..content.len() * 8 {
            let (byte, bit) = (bit / 8, bit % 8);
            let copy = disk.survivors(0);
            copy.damage(&file, |content| content[byte] ^= 1 << bit);
            check.step(format!(
                "bit {bit} of byte {byte} of the file {file:?} is flipped; start the server"
            ));
            let back = comes_back(table(5), &copy);
            let refused = back.starts_with("it does not start");
            check.holds(refused || back == *expected, "an error, or the same state", back)?;
        }
    }
    Ok(())
}

fn nothing_unsaved(check: &mut Context) -> Verdict {
    let disk = lived(check)?.pop().map(|(disk, _)| disk).unwrap_or_default();
    let mut node = server(table(5), disk.clone());
    well(check, recover(&mut node), "recover")?;
    check.step("a server has recovered, and saves");
    let files = disk.files();
    well(check, save(&mut node), "save")?;
    check.holds(
        disk.files() == files,
        "it writes nothing: all is on disk",
        "it writes to the disk",
    )?;
    check.step("a disk holds a whole record and a torn one; a server recovers, and saves");
    let record = frame(&encode(&life()[0]));
    let disk = SimulatedDisk::with_files(
        [(super::subject::LOG.to_owned(), [&record[..], &record[..5]].concat())].into(),
    );
    let mut node = server(table(5), disk.clone());
    well(check, recover(&mut node), "recover")?;
    let files = disk.files();
    well(check, save(&mut node), "save")?;
    check.holds(disk.files() == files, "it writes nothing: all is on disk", "it writes to the disk")
}
