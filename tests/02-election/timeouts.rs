//! Exercise 2.1: the randomized election timeout.

use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use gates::{Check, Checks, Context, Verdict};

use super::model::Outbox;
use super::servers::{
    S1, S2, armed, draws_each_time, follower, leader, refuses, seeded, server, state, waits_anew,
};
use super::subject::protocol::{Event, Term, Timer};
use super::subject::{draw_election_timeout, reset_election_timer};
use super::table;

const RANDOM: &str = "§5.2: \"Raft uses randomized election timeouts to ensure that split votes are \
     rare and that they are resolved quickly\": they are \"chosen randomly from a fixed interval\", \
     which is node.config.election_timeout.";
const SPREAD: &str = "§5.2, §9.3: split votes end because servers wait for different times. If the \
     draws lie close together, compared with how long a message travels, votes are split again.";
const OWN_RNG: &str = "Every test of this lab relies on it: the draws come from node.rng, which was \
     seeded for this server. With any other source, a run could not be repeated.";
const ANEW: &str = "§5.2: \"Each candidate restarts its randomized election timeout at the start of \
     an election\". Two servers that have once drawn the same time must not draw it forever.";
const FOLLOWERS: &str = "§5.2: \"When servers start up, they begin as followers\"; a follower that hears \
     of no leader \"over a period of time called the election timeout\" begins an election.";
const DEPOSED: &str = "§5.1, §5.2: a leader that finds a higher term is a follower from then on, and \
     waits for a leader. Its election timer may have run out while it led: then nobody else arms it.";

const TOGETHER: &str = "§5.2: election timeouts are randomized to prevent split votes \"in the first place\". Servers \
     whose timers are armed at the same moment, such as those of a cluster that has just been switched on, must not \
     time out at the same moment, too.";

pub(super) fn checks() -> Vec<Check> {
    #[rustfmt::skip]
    let checks = Checks::of("2.1").each([
        ("draw_election_timeout", "Election timeouts lie within their range", RANDOM, within),
        ("draw_election_timeout", "Election timeouts use the whole width of their range", SPREAD, width),
        ("draw_election_timeout", "Two servers with different seeds draw different timeouts", SPREAD, two_servers),
        ("draw_election_timeout", "The same seed draws the same timeouts", OWN_RNG, same_seed),
        ("reset_election_timer", "A reset arms the election timer, and no other", RANDOM, arms),
        ("reset_election_timer", "The election timeout is drawn again at each reset", ANEW, anew),
        ("start", "A server that starts waits for a leader", FOLLOWERS, starts),
        ("deposed", "A deposed leader waits for a leader again", DEPOSED, deposed),
        ("start", "Servers that start together wait for different times", TOGETHER, starts_apart),
        ("deposed", "A deposed leader waits for a time that it draws", TOGETHER, deposed_apart),
    ]);
    checks.list()
}

/// The draws of S1 of three servers, with this seed and range.
fn draws(seed: u64, range: &Range<Duration>, count: usize) -> Vec<Duration> {
    let mut node = seeded(table(1), 3, seed);
    node.config.election_timeout = range.clone();
    (0..count).map(|_| draw_election_timeout(&mut node)).collect()
}

fn millis(from: u64, to: u64) -> Range<Duration> {
    Duration::from_millis(from)..Duration::from_millis(to)
}

fn within(check: &mut Context) -> Verdict {
    for range in [millis(150, 300), millis(10, 11), millis(1_000, 10_000)] {
        let Range { start, end } = range.clone();
        check.step(format!("draw 1,000 times from {start:?} to {end:?}"));
        for drawn in draws(check.seed(), &range, 1_000) {
            let expected = format!("a time from {start:?} up to, not including, {end:?}");
            check.holds(range.contains(&drawn), expected, format!("{drawn:?}"))?;
        }
    }
    Ok(())
}

fn width(check: &mut Context) -> Verdict {
    for (from, to) in [(150, 300), (1_000, 10_000)] {
        check.step(format!("draw 1,000 times from {from} ms to {to} ms"));
        let drawn = draws(check.seed(), &millis(from, to), 1_000);
        let tenth = (to - from) / 10;
        let (low, high) = (Duration::from_millis(from + tenth), Duration::from_millis(to - tenth));
        let different: BTreeSet<Duration> = drawn.into_iter().collect();
        let least = different.first().copied().unwrap_or_default();
        let most = different.last().copied().unwrap_or_default();
        let expected = format!("times from below {low:?} to above {high:?}");
        let happened = format!("times from {least:?} to {most:?}");
        check.holds(least < low && high < most, expected, happened)?;
        let many = different.len();
        check.holds(many >= 50, "many different times", format!("only {many} different ones"))?;
    }
    Ok(())
}

fn two_servers(check: &mut Context) -> Verdict {
    check.step("draw 100 times each for two servers, whose seeds differ");
    let seed = check.seed();
    let draws = |seed| draws(seed, &millis(150, 300), 100);
    let (one, other) = (draws(seed), draws(seed.wrapping_add(1)));
    let same = one.iter().zip(&other).filter(|(one, other)| one == other).count();
    let expected = "different times, but for a coincidence now and then";
    check.holds(same <= 10, expected, format!("the same time in {same} of 100 draws"))
}

fn same_seed(check: &mut Context) -> Verdict {
    check.step("draw 100 times each for two servers, whose seeds are the same");
    let draws = |seed| draws(seed, &millis(150, 300), 100);
    let (one, other) = (draws(check.seed()), draws(check.seed()));
    let differing = one.iter().zip(&other).position(|(one, other)| one != other);
    let happened = differing.map_or(String::new(), |at| {
        format!("draw {}: {:?} for one, {:?} for the other", at + 1, one[at], other[at])
    });
    check.holds(differing.is_none(), "the same times for both", happened)
}

fn anew(check: &mut Context) -> Verdict {
    check.step("reset the election timer 50 times");
    let mut node = seeded(table(1), 3, check.seed());
    let mut times = BTreeSet::new();
    for _ in 0..50 {
        let mut out = Outbox::new();
        reset_election_timer(&mut node, &mut out);
        times.extend(armed(&out.into_effects(), Timer::Election));
    }
    let many = times.len();
    let times = if many == 1 {
        "the same time each time".to_owned()
    } else {
        format!("{many} different times")
    };
    check.holds(many >= 10, "a new draw each time", format!("{times} in 50 resets"))
}

fn arms(check: &mut Context) -> Verdict {
    check.step("reset the election timer of a follower");
    let mut node = server(table(1), 3, 2, follower());
    let mut out = Outbox::new();
    reset_election_timer(&mut node, &mut out);
    let effects = out.into_effects();
    waits_anew(check, &node, &effects)?;
    // Arming it twice is arming it: the later time counts.
    let others = effects.len() - armed(&effects, Timer::Election).len();
    check.equal("the number of other effects", others, 0)?;
    check.same_text("S1", &state(&node), &state(&server(table(1), 3, 2, follower())))
}

fn starts(check: &mut Context) -> Verdict {
    check.step("start S1, for the first time");
    let mut node = seeded(table(1), 3, check.seed());
    let effects = check.handle(&mut node, Event::Start)?;
    waits_anew(check, &node, &effects)?;
    check.same_text("S1", &state(&node), "follower without a known leader, term 0, no vote given")
}

fn deposed(check: &mut Context) -> Verdict {
    check.step(format!("{S1} leads term 3; {S2} answers one of its requests in term 4"));
    let mut node = server(table(1), 3, 3, leader());
    let effects = check.handle(&mut node, refuses(S2, 3, 4))?;
    check.same_text(
        "S1",
        &state(&node),
        "follower without a known leader, term 4, no vote given",
    )?;
    waits_anew(check, &node, &effects)
}

fn starts_apart(check: &mut Context) -> Verdict {
    draws_each_time(check, |check, seed| {
        check.step(format!("start S1, whose random generator has the seed {seed}"));
        let mut node = seeded(table(1), 3, seed);
        let effects = check.handle(&mut node, Event::Start)?;
        Ok((node, effects))
    })
}

fn deposed_apart(check: &mut Context) -> Verdict {
    draws_each_time(check, |check, seed| {
        check.step(format!(
            "{S1}, whose random generator has the seed {seed}, leads term 3; {S2} answers one of its requests in term 4"
        ));
        let mut node = seeded(table(1), 3, seed);
        (node.current_term, node.voted_for, node.role) = (Term(3), Some(S1), leader());
        let effects = check.handle(&mut node, refuses(S2, 3, 4))?;
        Ok((node, effects))
    })
}
