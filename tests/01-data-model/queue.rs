//! Exercise 1.9: the event queue; and the demo that it drives.

use std::time::Duration;

use gates::{Check, CheckBody, Checks, Context, Verdict};

use super::servers::{S1, S2};
use super::subject::protocol::Timer;
use super::subject::{EventQueue, demo};

const ORDER: &str = "§5.2: the server that times out first decides an election. A simulation is only useful if \
     that order is the same in every run: by time, and at the same instant by the order of scheduling.";
const TIME: &str = "Time in the simulator is the time of the event that was taken out last: `after` counts \
     from there, and time never goes back.";
const TIMERS: &str = "§5.2: a server that hears from its leader resets its election timer. The previous \
     timeout must not fire after that, or a follower of a healthy leader starts an election.";
const SEVERAL: &str = "§5.2: each server has its own election timer, and a leader its heartbeat timer too. \
     Resetting one must leave the others as they are.";
const DEMO: &str = "§5.1: terms act as a logical clock, and every server takes over a higher one that it \
     hears of. All that you have written in this module is at work here; the same seed must give the same \
     run, or no failure could ever be looked at twice.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("1.9").each([
        ("pop", "The earliest event comes first", ORDER, earliest),
        ("schedule", "Two events at one instant come in the order of their scheduling", ORDER, ties),
        ("schedule", "An event with no delay comes after those that are due already", ORDER, zero_delay),
        ("pop", "Time is that of the event taken out, and never goes back", TIME, time),
        ("schedule", "A delay counts from the present", TIME, from_now),
        ("pop", "An empty queue returns no event, and time does not move", TIME, empty),
        ("set_timer", "Arming a timer again cancels the earlier time", TIMERS, rearmed),
        ("set_timer", "A timer that is armed again and again fires once", TIMERS, fires_once),
        ("set_timer", "The timers of different servers, and of different kinds, are independent", SEVERAL, independent),
        ("set_timer", "A timer that has fired can be armed again", TIMERS, fired),
        ("set_timer", "Arming a timer leaves other events alone", SEVERAL, leaves_others),
    ]);
    // The demo is about all functions of the exercise.
    let demo = ("Your three servers run for a second, and twice alike", DEMO, runs as CheckBody);
    checks.then("1.9").claims([demo]).list()
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// All that happens, in order, with its time. A queue that never ends is left after a while.
fn drained(queue: &mut EventQueue<&'static str>) -> String {
    let mut lines = Vec::new();
    while let Some(event) = queue.pop() {
        lines.push(format!("{event} at {} ms", queue.now().as_millis()));
        if lines.len() > 1000 {
            break;
        }
    }
    lines.join("\n")
}

fn expect(check: &Context, queue: &mut EventQueue<&'static str>, expected: &[&str]) -> Verdict {
    check.same_text("what pop returns", &drained(queue), &expected.join("\n"))
}

fn earliest(check: &mut Context) -> Verdict {
    check.step("schedule A in 30 ms, B in 10 ms, C in 20 ms; then pop all");
    let mut queue = EventQueue::new();
    queue.schedule(ms(30), "A");
    queue.schedule(ms(10), "B");
    queue.schedule(ms(20), "C");
    expect(check, &mut queue, &["B at 10 ms", "C at 20 ms", "A at 30 ms"])
}

fn ties(check: &mut Context) -> Verdict {
    check.step("schedule A, B, C and D for the same instant; then pop all");
    let mut queue = EventQueue::new();
    for event in ["A", "B", "C", "D"] {
        queue.schedule(ms(10), event);
    }
    expect(check, &mut queue, &["A at 10 ms", "B at 10 ms", "C at 10 ms", "D at 10 ms"])?;

    check.step("schedule A in 10 ms and B in 4 ms; pop B, then schedule C in 6 ms; then pop all");
    let mut queue = EventQueue::new();
    queue.schedule(ms(10), "A");
    queue.schedule(ms(4), "B");
    check.equal("pop()", queue.pop(), Some("B"))?;
    queue.schedule(ms(6), "C");
    expect(check, &mut queue, &["A at 10 ms", "C at 10 ms"])?;

    check.step("schedule 200 events for the same instant; then pop all");
    let mut queue = EventQueue::new();
    for number in 0..200 {
        queue.schedule(ms(1), number);
    }
    let order: Vec<u32> = std::iter::from_fn(|| queue.pop()).take(300).collect();
    check.holds(
        order == (0..200).collect::<Vec<_>>(),
        "the order of scheduling",
        format!("{order:?}"),
    )
}

fn zero_delay(check: &mut Context) -> Verdict {
    check
        .step("schedule A and B in 5 ms, C in 6 ms; pop A; schedule D with no delay; then pop all");
    let mut queue = EventQueue::new();
    for (after, event) in [(5, "A"), (5, "B"), (6, "C")] {
        queue.schedule(ms(after), event);
    }
    check.equal("pop()", queue.pop(), Some("A"))?;
    queue.schedule(Duration::ZERO, "D");
    expect(check, &mut queue, &["B at 5 ms", "D at 5 ms", "C at 6 ms"])
}

fn time(check: &mut Context) -> Verdict {
    let mut queue = EventQueue::new();
    check.step("make a queue");
    check.equal("now()", queue.now(), Duration::ZERO)?;
    for after in [30, 10, 20, 20, 0] {
        queue.schedule(ms(after), after);
        check.step("schedule an event");
        check.equal("now()", queue.now(), Duration::ZERO)?;
    }
    let mut last = Duration::ZERO;
    while let Some(due) = queue.pop() {
        check.step(format!("pop the event of {due} ms"));
        check.equal("now()", queue.now(), ms(due))?;
        let told = format!("from {last:?} to {:?}", queue.now());
        check.holds(queue.now() >= last, "time goes on", told)?;
        last = queue.now();
        // Whatever is scheduled now is in the future.
        if due == 10 {
            queue.schedule(ms(15), 25);
        }
    }
    check.equal("now() at the end", queue.now(), ms(30))
}

fn from_now(check: &mut Context) -> Verdict {
    check.step("schedule A in 10 ms; pop it; schedule B in 5 ms and S1's election timer in 7 ms");
    let mut queue = EventQueue::new();
    queue.schedule(ms(10), "A");
    check.equal("pop()", queue.pop(), Some("A"))?;
    queue.schedule(ms(5), "B");
    queue.set_timer(S1, Timer::Election, ms(7), "timeout");
    expect(check, &mut queue, &["B at 15 ms", "timeout at 17 ms"])
}

fn empty(check: &mut Context) -> Verdict {
    check.step("pop from a new queue");
    let mut queue = EventQueue::new();
    check.equal("pop()", queue.pop(), None)?;
    check.equal("now()", queue.now(), Duration::ZERO)?;
    check.step("schedule A in 10 ms, then pop twice");
    queue.schedule(ms(10), "A");
    check.equal("pop()", queue.pop(), Some("A"))?;
    check.equal("pop(), again", queue.pop(), None)?;
    check.equal("now()", queue.now(), ms(10))
}

fn rearmed(check: &mut Context) -> Verdict {
    for (first, second) in [(100, 150), (150, 100), (100, 100), (10, 20), (0, 5), (5, 0)] {
        check.step(format!(
            "arm S1's election timer for {first} ms, then again for {second} ms; then pop all"
        ));
        let mut queue = EventQueue::new();
        queue.set_timer(S1, Timer::Election, ms(first), "the first timeout");
        queue.set_timer(S1, Timer::Election, ms(second), "the second timeout");
        expect(check, &mut queue, &[&format!("the second timeout at {second} ms")])?;
    }
    check.step(
        "arm S1's election timer for 100 ms; after 60 ms, arm it for another 100; then pop all",
    );
    let mut queue = EventQueue::new();
    queue.set_timer(S1, Timer::Election, ms(100), "the first timeout");
    queue.schedule(ms(60), "heartbeat");
    check.equal("pop()", queue.pop(), Some("heartbeat"))?;
    queue.set_timer(S1, Timer::Election, ms(100), "the second timeout");
    expect(check, &mut queue, &["the second timeout at 160 ms"])
}

fn fires_once(check: &mut Context) -> Verdict {
    check.step("arm S1's election timer for 100 ms, twenty times, 10 ms apart; then pop all");
    let mut queue = EventQueue::new();
    for _ in 0..20 {
        queue.set_timer(S1, Timer::Election, ms(100), "timeout");
        queue.schedule(ms(10), "heartbeat");
        check.equal("pop()", queue.pop(), Some("heartbeat"))?;
    }
    expect(check, &mut queue, &["timeout at 290 ms"])
}

fn independent(check: &mut Context) -> Verdict {
    check.step(
        "arm the election timers of S1 and S2 and S1's heartbeat timer; then S1's election again",
    );
    let mut queue = EventQueue::new();
    queue.set_timer(S1, Timer::Election, ms(100), "S1's election, first");
    queue.set_timer(S2, Timer::Election, ms(110), "S2's election");
    queue.set_timer(S1, Timer::Heartbeat, ms(50), "S1's heartbeat");
    queue.set_timer(S1, Timer::Election, ms(120), "S1's election, second");
    let expected =
        ["S1's heartbeat at 50 ms", "S2's election at 110 ms", "S1's election, second at 120 ms"];
    expect(check, &mut queue, &expected)
}

fn fired(check: &mut Context) -> Verdict {
    check.step(
        "arm S1's election timer for 10 ms; let it fire; arm it for 10 ms again; then pop all",
    );
    let mut queue = EventQueue::new();
    queue.set_timer(S1, Timer::Election, ms(10), "the first timeout");
    check.equal("pop()", queue.pop(), Some("the first timeout"))?;
    queue.schedule(ms(10), "another event");
    queue.set_timer(S1, Timer::Election, ms(10), "the second timeout");
    expect(check, &mut queue, &["another event at 20 ms", "the second timeout at 20 ms"])
}

fn leaves_others(check: &mut Context) -> Verdict {
    check.step(
        "schedule A and B around S1's election timer, all in 100 ms; arm it for 120; pop all",
    );
    let mut queue = EventQueue::new();
    queue.schedule(ms(100), "A");
    queue.set_timer(S1, Timer::Election, ms(100), "the first timeout");
    queue.schedule(ms(100), "B");
    queue.set_timer(S1, Timer::Election, ms(120), "the second timeout");
    expect(check, &mut queue, &["A at 100 ms", "B at 100 ms", "the second timeout at 120 ms"])
}

fn runs(check: &mut Context) -> Verdict {
    let seed = check.seed();
    check.step(format!("run the demo with seed {seed}"));
    let run = demo::run(seed);
    let transcript = run.map_err(|e| check.failure("no error", format!("error: {e}")))?;
    terms_never_fall(check, &transcript)?;
    check.step(format!("run the demo with seed {seed} once more"));
    let again = demo::run(seed).unwrap_or_default();
    check.same_text("the transcript", &again, &transcript)?;
    check.show(transcript);
    Ok(())
}

/// Every line ends with the terms of the three servers. They never fall, and within a second they
/// rise.
fn terms_never_fall(check: &Context, transcript: &str) -> Verdict {
    let mut terms = [0; 3];
    for line in transcript.lines().skip(1) {
        let mut words = line.split_whitespace().rev().map_while(|word| word.parse::<u64>().ok());
        let mut now = [words.next(), words.next(), words.next()].map(Option::unwrap_or_default);
        now.reverse();
        let fell = now.iter().zip(&terms).any(|(now, before)| now < before);
        check.holds(
            !fell,
            "no server's term falls",
            format!("the terms were {terms:?}, then:\n{line}"),
        )?;
        terms = now;
    }
    let told = format!("the terms are {terms:?} at the end of:\n{transcript}");
    let risen = terms.iter().all(|&term| term > 0);
    check.holds(risen, "within a second every server is in a term above 0", told)
}
