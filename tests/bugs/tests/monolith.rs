//! A right server of another shape goes through the scenarios and storms of module 2, whatever its
//! habits.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bugs::monolith::{Habits, Losers, Order, Patience, Stale, boot};
use gates::scenario::{self, Boots};
use gates::storm::{Goal, storms};
use gates::{Check, Outcome, Suite, run_here};

/// All storms of the gate with the usual base seed, and some of them with others.
const STORMS: u64 = 200;
const SOME: u64 = 50;
const SEEDS: std::ops::RangeInclusive<u64> = 2..=10;

fn accepted(checks: Vec<Check>, seed: u64) {
    let solution = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../solutions/02-election");
    let suite = Suite::new("02-election", solution, checks);
    assert!(!suite.checks.is_empty());
    for check in &suite.checks {
        let report = run_here(&suite, check, seed);
        assert!(report.outcome == Outcome::Passed, "base seed {seed}\n\n{}", report.text);
    }
}

fn scenarios(habits: Habits) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../02-election");
    let boots: Boots = Arc::new(move |_| boot(habits));
    let made_up = claims_with_made_up_replies(&folder);
    for seed in 1..=10 {
        let mut checks = scenario::checks(&folder, &boots);
        if habits.stale == Stale::ByCall {
            checks.retain(|check| !made_up.contains(&check.claim));
        }
        accepted(checks, seed);
    }
}

/// The claims of the scenarios that make up replies: these answer a request that the server never made,
/// by a number that it never gave, so they do not suit a server that goes by the numbers of its calls.
fn claims_with_made_up_replies(folder: &Path) -> BTreeSet<String> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let scripts = files.filter(|path| path.extension().is_some_and(|it| it == "scenario"));
    let texts = scripts.map(|path| fs::read_to_string(path).unwrap());
    let claims = texts.filter(|text| text.contains("\nreply ")).map(|text| {
        let lines = text.lines().map(|line| line.trim_start_matches('#').trim());
        let claim: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
        claim.join(" ").trim_end_matches('.').to_owned()
    });
    claims.collect()
}

fn properties(habits: Habits) {
    let check = |last| {
        let claim = format!("storms 1 to {last}");
        Check::new("2.6", claim, "§5.2", move |context| {
            storms(context, &boot(habits), Goal::StableLeader, 1..=last)
        })
    };
    accepted(vec![check(STORMS)], 1);
    for seed in SEEDS {
        accepted(vec![check(SOME)], seed);
    }
}

fn all(habits: Habits) {
    scenarios(habits);
    properties(habits);
}

#[test]
fn as_the_paper_has_it() {
    all(Habits::default());
}

#[test]
fn calls_go_out_backwards() {
    all(Habits { order: Order::Backwards, ..Habits::default() });
}

#[test]
fn calls_go_out_in_any_order() {
    all(Habits { order: Order::Shuffled, ..Habits::default() });
}

#[test]
fn losers_follow() {
    all(Habits { losers: Losers::Follow, ..Habits::default() });
}

#[test]
fn stale_answers_are_told_by_the_number_of_the_call() {
    all(Habits { stale: Stale::ByCall, ..Habits::default() });
}

#[test]
fn timeouts_are_long() {
    all(Habits { patience: Patience::Long, ..Habits::default() });
}

#[test]
fn candidates_ask_again_who_has_not_answered() {
    all(Habits { retries: true, ..Habits::default() });
}

#[test]
fn leaders_greet_late_voters() {
    all(Habits { greets: true, ..Habits::default() });
}

#[test]
fn heartbeats_go_out_twice() {
    all(Habits { repeats: true, ..Habits::default() });
}

#[test]
fn the_election_timer_runs_out_and_is_armed_anew_if_a_leader_was_heard() {
    properties(Habits { patience: Patience::Lazy, ..Habits::default() });
}

#[test]
fn all_habits_together() {
    all(Habits {
        order: Order::Shuffled,
        losers: Losers::Follow,
        stale: Stale::ByCall,
        patience: Patience::Long,
        retries: true,
        greets: true,
        repeats: true,
    });
}
