//! Exercise 5.4: what changed, in one write and one sync.

use gates::simulator::{RecordingDisk, SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{
    S2, S3, all_words, append, ask_vote, asked, durable_writes, entry, server, state, well, words,
};
use super::subject::protocol::{Disk as _, Entry, Event, Index, ServerId, Term, Timer};
use super::subject::replication::LogEdit as _;
use super::subject::{LOG, Record, read_records, save, unsaved};
use super::table;

const CHANGED: &str = "Figure 2, \"persistent state on all servers\": currentTerm, votedFor and log[]. What changed of \
     them must be saved; what did not is on disk already.";
const TOGETHER: &str = "Figure 2: a vote belongs to its term. If a crash could come between the two, a server might come \
     back with the vote of one term in another, and vote twice (§5.2).";
const VOTE: &str = "Figure 2, \"persistent state on all servers\": votedFor is as persistent as currentTerm. A server \
     that forgets its vote in a crash votes again in the same term (§5.2).";
const TRUNCATED: &str = "AppendEntries, receiver, step 3 (§5.3): entries that conflict are deleted, \"and all that follow\"; \
     on disk too, or they come back with the next restart.";
const READ: &str = "Figure 2, \"persistent state on all servers\": the file `LOG` holds records, each in a frame (5.1, 5.2), \
     so that reading it (5.3) tells what the log was.";
const BEFORE: &str = "Figure 2: \"updated on stable storage before responding to RPCs\". What is written and not synced is \
     gone after a crash.";
const ONCE: &str = "Figure 2: storage is updated before a server answers, so everybody waits for it. A sync takes \
     milliseconds: one for each event that changes something, and none for the others. And term and vote belong \
     together: a crash between two writes would leave the one without the other.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.4")
        .each([
            ("unsaved", "A new server has nothing to save", CHANGED, new),
            ("unsaved", "Term and vote are saved together", TOGETHER, voted),
            (
                "unsaved",
                "A vote is saved, even one in a term that is on disk already",
                VOTE,
                vote_alone,
            ),
            ("unsaved", "Entries are saved that follow those on disk", CHANGED, grown),
            ("unsaved", "Entries that took the place of others are saved", TRUNCATED, replaced),
            (
                "save",
                "One write brings term and vote to the disk, and what is appended is synced",
                ONCE,
                one,
            ),
            ("save", "Without a change the disk is left alone", ONCE, no_change),
            ("save", "When an event has been handled, all is on disk", BEFORE, durable),
            ("save", "What is saved can be read back", READ, read_back),
            ("save", "Each record continues those before it", CHANGED, sequence),
            ("save", "What could not be synced is not noted as saved", BEFORE, not_noted),
        ])
        .list()
}

/// What is on disk, as the records tell it that were saved.
#[derive(Default)]
struct Told {
    term: Term,
    vote: Option<ServerId>,
    log: Vec<Entry>,
}

impl Told {
    /// Takes in what the server would save now, and compares.
    fn take(&mut self, check: &Context, node: &RaftNode) -> Verdict {
        let Some(record) = unsaved(node) else {
            return self.compare(check, node, "it saves nothing");
        };
        let Record { prev_log_index, prev_log_term, .. } = record;
        let kept = usize::try_from(prev_log_index.0).unwrap_or(usize::MAX);
        let term =
            if kept == 0 { Some(Term(0)) } else { self.log.get(kept - 1).map(|entry| entry.term) };
        let happened = format!("it saves: {}", words(&record));
        let expected = "a record that follows an entry on disk";
        check.holds(term == Some(prev_log_term), expected, happened.as_str())?;
        self.log.truncate(kept);
        self.log.extend(record.entries);
        (self.term, self.vote) = (record.current_term, record.voted_for);
        self.compare(check, node, &happened)
    }

    fn compare(&self, check: &Context, node: &RaftNode, happened: &str) -> Verdict {
        let log = node.log.entries_from(Index(1), usize::MAX);
        let same = (self.term, self.vote) == (node.current_term, node.voted_for) && self.log == log;
        let expected = format!("the disk then tells of {}", state(node));
        check.holds(same, expected, happened)
    }
}

/// A server that saves, on a disk that is watched.
fn watched() -> (RaftNode, RecordingDisk, SimulatedDisk) {
    let inner = SimulatedDisk::new();
    let disk = RecordingDisk::of(inner.clone());
    (server(table(4), disk.clone()), disk, inner)
}

fn new(check: &mut Context) -> Verdict {
    let (node, ..) = watched();
    check.step("ask a server that has just been made what is unsaved");
    let nothing = unsaved(&node).map_or("nothing".to_owned(), |record| words(&record));
    check.same_text("unsaved", &nothing, "nothing")
}

fn voted(check: &mut Context) -> Verdict {
    let (mut node, ..) = watched();
    let mut told = Told::default();
    check.step("a new server goes to term 4");
    node.current_term = Term(4);
    told.take(check, &node)?;
    check.step("a new server goes to term 4, and votes for S2");
    node.voted_for = Some(S2);
    told.take(check, &node)?;
    check.step("a server has saved its vote for S2 in term 4, and votes for S3 in term 5");
    well(check, save(&mut node), "save")?;
    (node.current_term, node.voted_for) = (Term(5), Some(S3));
    told.take(check, &node)?;
    check.step("a server has saved its vote for S3 in term 5, and goes to term 6, in which it has not voted");
    well(check, save(&mut node), "save")?;
    (node.current_term, node.voted_for) = (Term(6), None);
    told.take(check, &node)
}

fn vote_alone(check: &mut Context) -> Verdict {
    let (mut node, ..) = watched();
    let mut told = Told::default();
    check.step("a new server goes to term 6, and saves that");
    node.current_term = Term(6);
    told.take(check, &node)?;
    check.step("a server has saved that it is in term 6, and votes for S2 in it");
    well(check, save(&mut node), "save")?;
    node.voted_for = Some(S2);
    told.take(check, &node)
}

fn grown(check: &mut Context) -> Verdict {
    let (mut node, ..) = watched();
    let mut told = Told::default();
    check.step("a new server appends two entries");
    node.current_term = Term(1);
    node.log.append(entry(1, "set x 1"));
    node.log.append(entry(1, "set x 2"));
    told.take(check, &node)?;
    check.step("and saves them, and appends a third");
    well(check, save(&mut node), "save")?;
    node.log.append(entry(1, "set x 3"));
    told.take(check, &node)?;
    check.step("and saves it; ask what is unsaved");
    well(check, save(&mut node), "save")?;
    check.holds(unsaved(&node).is_none(), "nothing is unsaved", "something is")
}

fn replaced(check: &mut Context) -> Verdict {
    let (mut node, ..) = watched();
    let mut told = Told::default();
    node.current_term = Term(2);
    for number in 1..=4 {
        node.log.append(entry(1, &format!("set x {number}")));
    }
    check.step("a server saves four entries");
    told.take(check, &node)?;
    well(check, save(&mut node), "save")?;
    check.step("then one of term 2 replaces three of them");
    node.log.truncate_from(Index(2));
    node.log.append(entry(2, "set x 5"));
    told.take(check, &node)?;
    well(check, save(&mut node), "save")?;
    check.step("and to three more, before the server has saved anything");
    node.log.truncate_from(Index(2));
    for number in 6..=8 {
        node.log.append(entry(2, &format!("set x {number}")));
    }
    told.take(check, &node)
}

fn one(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = watched();
    check.handle(&mut node, Event::Start)?;
    disk.take();
    check.step("a server is asked for its vote in term 1, and gives it");
    check.handle(&mut node, ask_vote(1, S2))?;
    durable_writes(check, &disk, 1)?;
    check.step("it is brought three entries");
    let entries = [1, 2, 3].map(|number| entry(1, &format!("set x {number}")));
    check.handle(&mut node, append(1, (0, 0), &entries))?;
    durable_writes(check, &disk, 1)?;
    // Term and log may be in two files.
    check.step("the leader of term 2 brings two others in place of two of them");
    check.handle(&mut node, append(2, (1, 1), &[entry(2, "set y 1"), entry(2, "set y 2")]))?;
    durable_writes(check, &disk, 2)?;
    check.step("its election timer runs out, and it campaigns in term 3");
    check.handle(&mut node, Event::Timeout(Timer::Election))?;
    durable_writes(check, &disk, 1)
}

fn no_change(check: &mut Context) -> Verdict {
    let (mut node, disk, _) = watched();
    check.handle(&mut node, Event::Start)?;
    check.same_text("when a new server starts, it writes", &asked(&disk.take()), "nothing")?;
    check.handle(&mut node, append(1, (0, 0), &[entry(1, "set x 1")]))?;
    disk.take();
    let same = [
        ("a heartbeat", append(1, (1, 1), &[])),
        ("an entry that it has already", append(1, (0, 0), &[entry(1, "set x 1")])),
        ("a call that does not fit its log", append(1, (5, 1), &[])),
        ("a candidate of an older term", ask_vote(0, S3)),
    ];
    for (what, event) in same {
        check.step(format!("a server that has saved everything is brought {what}"));
        check.handle(&mut node, event)?;
        check.same_text("written", &asked(&disk.take()), "nothing")?;
    }
    Ok(())
}

fn durable(check: &mut Context) -> Verdict {
    let (mut node, _, disk) = watched();
    let events = [
        ("it gives its vote", ask_vote(1, S2)),
        ("it is brought an entry", append(1, (0, 0), &[entry(1, "set x 1")])),
        ("it learns of a term, and denies its vote", ask_vote(0, S3)),
        ("it campaigns", Event::Timeout(Timer::Election)),
    ];
    for (what, event) in events {
        check.step(what);
        let before = disk.files();
        check.handle(&mut node, event)?;
        let lost = disk.survivors(0).files() != disk.files();
        check.holds(!lost, "what was written is synced", "a crash would take some of it away")?;
        let changed = disk.files() != before;
        let expected = "a change of term, vote or log is on disk";
        check.holds(changed || what.contains("denies"), expected, "nothing was written")?;
    }
    Ok(())
}

fn read_back(check: &mut Context) -> Verdict {
    let (mut node, _, disk) = watched();
    check.handle(&mut node, Event::Start)?;
    let events = [
        ("two entries", append(1, (0, 0), &[entry(1, "set x 1"), entry(1, "set x 2")])),
        ("a third one", append(1, (2, 1), &[entry(1, "set x 3")])),
        ("another one in place of two of them", append(2, (1, 1), &[entry(2, "set y 1")])),
    ];
    for (what, event) in events {
        check.step(format!("a server is sent {what}, and saves; the file `{LOG}` is read"));
        check.handle(&mut node, event)?;
        let bytes = well(check, disk.read(LOG), "read")?;
        let (records, intact) = well(check, read_records(&bytes), "read_records")?;
        let happened = format!("the first {intact} of {} bytes are records", bytes.len());
        check.holds(intact == bytes.len(), "nothing but whole records", happened)?;
        let mut log: Vec<Entry> = Vec::new();
        for record in &records {
            log.truncate(usize::try_from(record.prev_log_index.0).unwrap_or(usize::MAX));
            log.extend(record.entries.iter().cloned());
        }
        let same = log == node.log.entries_from(Index(1), usize::MAX);
        let expected = format!("records that tell of {}", state(&node));
        let told = if records.is_empty() { "no record".to_owned() } else { all_words(&records) };
        check.holds(same, expected, told)?;
    }
    Ok(())
}

fn sequence(check: &mut Context) -> Verdict {
    let (mut node, ..) = watched();
    let mut told = Told::default();
    let mut steps: Vec<String> = Vec::new();
    for number in 1..=60_u64 {
        // Every third time some entries are overwritten; the term changes now and then.
        node.current_term = Term(1 + number / 7);
        let what = if number % 3 == 0 {
            let first = Index(1 + (number * 5) % node.log.last_index().next().0);
            node.log.truncate_from(first);
            format!("one entry replaces those from {first} on")
        } else {
            "an entry is appended".to_owned()
        };
        node.log.append(entry(node.current_term.0, &format!("set x {number}")));
        steps.push(what);
        let last: Vec<&str> = steps.iter().rev().take(3).rev().map(String::as_str).collect();
        check.step(format!(
            "after {number} changes, each saved; the last of them: {}",
            last.join("; ")
        ));
        told.take(check, &node)?;
        well(check, save(&mut node), "save")?;
    }
    Ok(())
}

fn not_noted(check: &mut Context) -> Verdict {
    for (trouble, what) in [
        (Trouble::Write { written: 3 }, "it cannot be written"),
        (Trouble::Sync { written: 0 }, "it cannot be synced"),
    ] {
        let (mut node, _, disk) = watched();
        node.current_term = Term(3);
        disk.trouble(trouble);
        check.step(format!("a change must be saved, and {what}"));
        check.holds(
            save(&mut node).is_err(),
            "save returns the error of the disk",
            "it reports success",
        )?;
        check.holds(
            unsaved(&node).is_some(),
            "the change is unsaved still",
            "it is noted as saved",
        )?;
    }
    Ok(())
}
