//! Exercise 6.6: receiving the chunks of a snapshot.

use gates::{Check, Checks, Context, Verdict};

use super::model::IncomingSnapshot;
use super::servers::S2;
use super::subject::protocol::{Bytes, Index, InstallSnapshot, Term};
use super::subject::receiving::receive;

const WRITES: &str = "Figure 13, receiver, steps 2 to 4: \"Create new snapshot file if first chunk \
     (offset is 0)\", \"Write data into snapshot file at given offset\", \"Reply and wait for more data \
     chunks if done is false\".";
const AGAIN: &str = "§5.5: RPCs are retried, so a chunk may arrive again, or late. Bytes that are there \
     already are not stored twice.";
const GAP: &str = "protocol::InstallSnapshotReply: stored counts the bytes from the start without a gap. \
     A chunk after a gap is of no use yet; the leader, which learns how much is there, sends what is \
     missing.";
const TWO: &str = "Figure 13, receiver, step 5: \"discard any existing or partial snapshot with a \
     smaller index\". Bytes of two snapshots must never be mixed: neither of two indexes nor of two \
     leaders, which may write the same state in different bytes.";
const ANY: &str = "§5.5, Figure 13: RPCs are retried, and messages are lost, duplicated and reordered (§2). \
     Whatever arrives, what is stored is the beginning of one snapshot; and a leader that sends what is \
     reported missing reaches the end.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("6.6")
        .about("receive")
        .claims([
            ("Chunks that arrive in order are put together", WRITES, in_order),
            ("A chunk after a gap is not stored", GAP, after_a_gap),
            ("A chunk that arrives again is not stored twice", AGAIN, again),
            ("A chunk that is partly there already does no harm", AGAIN, overlap),
            ("A newer snapshot replaces an older one", TWO, newer),
            ("Another leader's snapshot is not mixed with the first one's", TWO, another_leader),
            ("A chunk of an older snapshot does not damage a newer one", TWO, older),
            ("Chunks of several snapshots, in any order, yield one of them whole", ANY, any_order),
        ])
        .list()
}

/// A snapshot that a leader sends.
#[derive(Clone, Copy)]
struct Sent {
    term: u64,
    index: u64,
    data: &'static str,
}

const FIRST: Sent = Sent { term: 3, index: 4, data: "the first snapshot" };
const NEWER: Sent = Sent { term: 3, index: 9, data: "a second and longer snapshot" };
const OTHERS: Sent = Sent { term: 4, index: 4, data: "the same state, in other bytes" };

impl Sent {
    /// A chunk of at most `length` bytes, from `offset` on.
    fn chunk(self, offset: usize, length: usize) -> InstallSnapshot {
        let end = (offset + length).min(self.data.len());
        InstallSnapshot {
            term: Term(self.term),
            leader_id: S2,
            last_included_index: Index(self.index),
            last_included_term: Term(2),
            offset: offset as u64,
            data: Bytes::from_static(&self.data.as_bytes()[offset..end]),
            done: end == self.data.len(),
        }
    }

    fn is(self, incoming: &IncomingSnapshot) -> bool {
        (incoming.leader_term.0, incoming.last_included_index.0) == (self.term, self.index)
    }
}

/// What is there, in words.
fn words(incoming: Option<&IncomingSnapshot>) -> String {
    incoming.map_or("nothing".to_owned(), |there| {
        format!(
            "{:?} of the snapshot up to {}@{} from the leader of term {}",
            String::from_utf8_lossy(&there.data),
            there.last_included_index,
            there.last_included_term,
            there.leader_term
        )
    })
}

/// Receives a chunk; then this many bytes must be stored.
fn takes(
    check: &mut Context,
    incoming: &mut Option<IncomingSnapshot>,
    sent: Sent,
    (offset, length): (usize, usize),
    stored: usize,
) -> Verdict {
    let there = words(incoming.as_ref());
    check.step(format!(
        "{there} is there; receive a chunk of the snapshot up to {}@2 from the leader of term {}: bytes \
             {offset} to {}",
        sent.index,
        sent.term,
        offset + length
    ));
    let reported = receive(incoming, &sent.chunk(offset, length));
    check.equal("the bytes stored", reported, stored as u64)?;
    let data = incoming.as_ref().map(|there| String::from_utf8_lossy(&there.data).into_owned());
    check.same_text("the bytes stored", &data.unwrap_or_default(), &sent.data[..stored])?;
    let named = incoming.as_ref().is_some_and(|there| sent.is(there));
    let expected = "it is known of which snapshot it is, and from the leader of which term";
    check.holds(named || stored == 0, expected, words(incoming.as_ref()))
}

fn in_order(check: &mut Context) -> Verdict {
    let mut incoming = None;
    for (offset, length, stored) in [(0, 6, 6), (6, 6, 12), (12, 6, 18)] {
        takes(check, &mut incoming, FIRST, (offset, length), stored)?;
    }
    takes(check, &mut None, FIRST, (0, 18), 18)
}

/// Receives chunks, whichever of them a server can use: after each of them, what is there must be the
/// beginning of the snapshot, and in the end all of it.
fn stays_pure(check: &mut Context, sent: Sent, chunks: &[(usize, usize)]) -> Verdict {
    let mut incoming = None;
    for &(offset, length) in chunks {
        let there = words(incoming.as_ref());
        check.step(format!(
            "{there} is there; receive bytes {offset} to {} of it again, or in part",
            offset + length
        ));
        let stored = receive(&mut incoming, &sent.chunk(offset, length));
        let there = incoming.as_ref();
        let pure = there.is_some_and(|there| sent.data.as_bytes().starts_with(&there.data));
        check.holds(pure, "the beginning of the snapshot", words(there))?;
        let bytes = there.map_or(0, |there| there.data.len() as u64);
        check.equal("the bytes stored", stored, bytes)?;
    }
    finish(check, &mut incoming, sent)
}

fn again(check: &mut Context) -> Verdict {
    stays_pure(check, FIRST, &[(0, 6), (0, 6), (6, 6), (0, 6), (6, 6), (12, 6)])?;
    stays_pure(check, NEWER, &[(0, 9), (9, 9), (9, 9), (18, 10), (18, 10)])
}

fn overlap(check: &mut Context) -> Verdict {
    stays_pure(check, FIRST, &[(0, 6), (0, 10), (8, 4), (2, 3), (4, 14)])?;
    stays_pure(check, NEWER, &[(0, 9), (5, 9), (10, 9), (15, 13)])
}

fn after_a_gap(check: &mut Context) -> Verdict {
    takes(check, &mut None, FIRST, (6, 6), 0)?;
    let mut incoming = None;
    for (offset, length, stored) in [(0, 6, 6), (12, 6, 6), (7, 2, 6), (6, 6, 12), (12, 6, 18)] {
        takes(check, &mut incoming, FIRST, (offset, length), stored)?;
    }
    Ok(())
}

fn newer(check: &mut Context) -> Verdict {
    let mut incoming = None;
    takes(check, &mut incoming, FIRST, (0, 6), 6)?;
    takes(check, &mut incoming, NEWER, (0, 8), 8)?;
    takes(check, &mut incoming, NEWER, (8, 20), 28)?;
    let mut incoming = None;
    takes(check, &mut incoming, FIRST, (0, 6), 6)?;
    takes(check, &mut incoming, NEWER, (6, 6), 0)?;
    takes(check, &mut incoming, NEWER, (0, 28), 28)
}

fn another_leader(check: &mut Context) -> Verdict {
    let mut incoming = None;
    takes(check, &mut incoming, FIRST, (0, 6), 6)?;
    takes(check, &mut incoming, OTHERS, (6, 6), 0)?;
    takes(check, &mut incoming, OTHERS, (0, 10), 10)?;
    takes(check, &mut incoming, OTHERS, (10, 20), 30)
}

/// Sends what is missing, as a leader does, until all is there.
fn finish(check: &mut Context, incoming: &mut Option<IncomingSnapshot>, sent: Sent) -> Verdict {
    let mut stored = 0;
    for _ in 0..20 {
        stored = usize::try_from(receive(incoming, &sent.chunk(stored, 5))).unwrap_or(usize::MAX);
        let there = incoming.as_ref().filter(|there| sent.is(there));
        if there.is_some_and(|there| there.data == sent.data.as_bytes()) {
            return check.equal("the bytes stored", stored, sent.data.len());
        }
        let happened = format!("it is {stored}, and {} is there", words(incoming.as_ref()));
        let expected = "less than the whole is reported stored until the whole is there";
        check.holds(stored < sent.data.len(), expected, happened)?;
    }
    let expected = "a leader that sends what is missing reaches the end";
    Err(check.failure(expected, format!("after 20 chunks {} is there", words(incoming.as_ref()))))
}

fn older(check: &mut Context) -> Verdict {
    let mut incoming = None;
    takes(check, &mut incoming, NEWER, (0, 8), 8)?;
    check.step(format!(
        "{} is there; a late chunk of the snapshot up to 4@2 arrives, and then the leader continues with \
         the newer one",
        words(incoming.as_ref())
    ));
    let stored = receive(&mut incoming, &FIRST.chunk(6, 12));
    check.equal("the bytes stored of the older snapshot", stored, 0)?;
    finish(check, &mut incoming, NEWER)
}

fn any_order(check: &mut Context) -> Verdict {
    for number in 0..200_u64 {
        let mut draw = check.seed().wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(number);
        let mut next = |below: usize| {
            draw = draw
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(draw >> 33).unwrap_or(0) % below
        };
        let mut incoming = None;
        let mut story = Vec::new();
        for _ in 0..12 {
            let sent = [FIRST, NEWER, OTHERS][next(3)];
            let (offset, length) = (next(4) * 5, 1 + next(9));
            story.push(format!("{}@{} bytes {offset}-{}", sent.index, sent.term, offset + length));
            let offset = offset.min(sent.data.len());
            let stored = receive(&mut incoming, &sent.chunk(offset, length));
            let there = incoming.as_ref();
            check.step(format!(
                "chunks of three snapshots arrive, index@leader's term: {}",
                story.join("; ")
            ));
            let whose =
                |there: &IncomingSnapshot| [FIRST, NEWER, OTHERS].into_iter().find(|s| s.is(there));
            let pure = there.is_none_or(|there| {
                whose(there).is_some_and(|sent| sent.data.as_bytes().starts_with(&there.data))
            });
            check.holds(pure, "the beginning of one snapshot", words(there))?;
            let most = there.filter(|there| sent.is(there)).map_or(0, |there| there.data.len());
            let expected = format!("{most} bytes of that snapshot are stored");
            check.holds(stored == most as u64, expected, format!("the reply says {stored}"))?;
        }
        finish(check, &mut incoming, Sent { term: 5, ..NEWER })?;
    }
    Ok(())
}
