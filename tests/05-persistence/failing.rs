//! Exercise 5.6: a disk that fails.

use std::io;

use gates::simulator::{SimulatedDisk, Trouble};
use gates::{Check, Checks, Context, Verdict};

use super::model::RaftNode;
use super::servers::{S2, S3, append, ask_vote, entry, server};
use super::subject::guard_disk;
use super::subject::protocol::{Event, Node as _, Term, Timer};
use super::table;

const PROMISED: &str = "Figure 2: \"updated on stable storage before responding to RPCs\". What cannot be kept must not be \
     promised, so nothing that the server wanted done may be done.";
const NEVER: &str = "Figure 2: what was promised must survive. After a sync that failed nobody knows what the disk holds; the \
     next one may succeed because the system has given up what it could not write.";
const REASON: &str = "The operator of the server must learn what is wrong with its disk, even from the second error.";
const WELL: &str = "Figure 2: storage is updated, and then the RPC is answered.";

pub(super) fn checks() -> Vec<Check> {
    Checks::of("5.6")
        .each([
            ("guard_disk", "As long as the disk works, every change is written", WELL, works),
            ("guard_disk", "The error of a write is passed on", PROMISED, passed_on),
            ("guard_disk", "After an error nothing is written any more", NEVER, never),
            ("guard_disk", "Every later error tells the first reason", REASON, reason),
            ("persist", "Whatever fails, no effect is released", PROMISED, nothing_out),
            (
                "persist",
                "A server does not go on after a failure, though its disk works again",
                NEVER,
                stays,
            ),
        ])
        .list()
}

/// A write that is counted in the term, so that it can be seen whether it was made.
#[expect(clippy::unnecessary_wraps, reason = "it represents a write, which may fail")]
fn counted(node: &mut RaftNode) -> io::Result<()> {
    node.current_term = node.current_term.next();
    Ok(())
}

fn failing(_: &mut RaftNode) -> io::Result<()> {
    Err(io::Error::other("cable unplugged"))
}

fn works(check: &mut Context) -> Verdict {
    let mut node = server(table(6), SimulatedDisk::new());
    for times in 1..=3 {
        check.step(format!("write for the {times}. time, with a disk that works"));
        let well = guard_disk(&mut node, counted).is_ok();
        check.holds(
            well && node.current_term == Term(times),
            "it is written",
            "it is not written",
        )?;
    }
    Ok(())
}

fn passed_on(check: &mut Context) -> Verdict {
    let mut node = server(table(6), SimulatedDisk::new());
    check.step("write to a disk that says: cable unplugged");
    match guard_disk(&mut node, failing) {
        Ok(()) => Err(check.failure("an error", "all is said to be well")),
        Err(error) => {
            let error = error.to_string();
            check.holds(error.contains("cable unplugged"), "the error of the disk", error)
        }
    }
}

fn never(check: &mut Context) -> Verdict {
    let mut node = server(table(6), SimulatedDisk::new());
    let _ = guard_disk(&mut node, failing);
    for times in 1..=2 {
        check.step(format!("a write has failed; write again, for the {times}. time"));
        let refused = guard_disk(&mut node, counted).is_err();
        check.holds(refused, "an error", "all is said to be well")?;
        check.holds(node.current_term == Term(0), "nothing is written", "it is written")?;
    }
    Ok(())
}

fn reason(check: &mut Context) -> Verdict {
    let mut node = server(table(6), SimulatedDisk::new());
    let _ = guard_disk(&mut node, failing);
    for times in 1..=3 {
        check.step(format!("a disk has said: cable unplugged; write again, for the {times}. time"));
        let error = guard_disk(&mut node, counted)
            .map_or_else(|error| error.to_string(), |()| "none".to_owned());
        check.holds(
            error.contains("cable unplugged"),
            "an error that tells the reason",
            format!("the error: {error}"),
        )?;
    }
    Ok(())
}

/// All that can go wrong while a server writes.
fn troubles() -> [(Trouble, &'static str); 4] {
    [
        (Trouble::Write { written: 0 }, "a write that fails"),
        (Trouble::Write { written: 5 }, "a write that fails halfway"),
        (Trouble::Sync { written: 0 }, "a sync that fails"),
        (Trouble::Full { written: 2 }, "a disk that is full"),
    ]
}

/// What is brought to a server that changes its persistent state.
fn changes() -> [(Event, &'static str); 3] {
    [
        (ask_vote(4, S2), "it is asked for its vote"),
        (append(4, (0, 0), &[entry(4, "set x 1")]), "it is brought an entry"),
        (Event::Timeout(Timer::Election), "its election timer runs out"),
    ]
}

fn nothing_out(check: &mut Context) -> Verdict {
    for (trouble, what) in troubles() {
        for (event, when) in changes() {
            let disk = SimulatedDisk::new();
            let mut node = server(table(6), disk.clone());
            check.handle(&mut node, Event::Start)?;
            disk.trouble(trouble);
            check.step(format!("{when}, and meets with {what}"));
            let handled = node.handle(event);
            check.holds(handled.is_err(), "the server gives up, with an error", "it goes on")?;
        }
    }
    check.step("a server is started, and its disk cannot be read");
    let disk = SimulatedDisk::new();
    let mut node = server(table(6), disk.clone());
    disk.trouble(Trouble::Read);
    check.holds(
        node.handle(Event::Start).is_err(),
        "the server gives up, with an error",
        "it goes on",
    )
}

fn stays(check: &mut Context) -> Verdict {
    for (trouble, what) in troubles() {
        let disk = SimulatedDisk::new();
        let mut node = server(table(6), disk.clone());
        check.handle(&mut node, Event::Start)?;
        disk.trouble(trouble);
        let _ = node.handle(ask_vote(4, S2));
        disk.start();
        disk.repair();
        for (event, when) in
            [(ask_vote(4, S2), "the same candidate asks again"), (ask_vote(5, S3), "another asks")]
        {
            check.step(format!("a server was asked for its vote and met with {what}; its disk works again, and {when}"));
            check.holds(
                node.handle(event).is_err(),
                "an error again",
                "it goes on, and answers",
            )?;
        }
    }
    Ok(())
}
