//! A right server of another shape goes through the scenarios and storms of modules 2 to 4, whatever its
//! habits.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use bugs::monolith::{Calls, Habits, Hints, Losers, Mistake, Order, Patience, Reads, Stale, boot};
use bugs::seeds;
use gates::scenario::{self, NodeFactories};
use gates::simulator::Workload;
use gates::storm::{Goal, hopeless_candidate, old_leader, storms, storms_of};
use gates::{Check, Context, ExerciseId, Outcome, Suite, run_here};

/// Where a module is judged: its scenarios, and its storms.
struct Module {
    folder: &'static str,
    /// Storms are for servers that know this much.
    whole: ExerciseId,
    goal: Goal,
    /// So many storms with the usual base seed, and some of them with others.
    storms: u64,
    some: u64,
}

const ELECTION: Module = Module {
    folder: "02-election",
    whole: ExerciseId { module: 2, number: 7 },
    goal: Goal::StableLeader,
    storms: 200,
    some: 50,
};
const REPLICATION: Module = Module {
    folder: "03-replication",
    whole: ExerciseId { module: 3, number: 9 },
    goal: Goal::LogsAgree,
    storms: 50,
    some: 20,
};
const COMMITMENT: Module = Module {
    folder: "04-commitment",
    whole: ExerciseId { module: 4, number: 10 },
    goal: Goal::Linearizable,
    storms: 25,
    some: 10,
};

fn accepted(module: &Module, checks: Vec<Check>, seed: u64) {
    let solution = format!("../../solutions/{}", module.folder);
    let solution = Path::new(env!("CARGO_MANIFEST_DIR")).join(solution);
    let suite = Suite::new(module.folder, solution, checks);
    assert!(!suite.checks.is_empty());
    let reports = suite.checks.iter().map(|check| run_here(&suite, check, seed));
    let red = reports.filter(|report| report.outcome != Outcome::Passed);
    let red: Vec<String> = red.map(|report| report.text).collect();
    assert!(red.is_empty(), "base seed {seed}\n\n{}", red.join("\n\n"));
}

fn scenarios(module: &Module, habits: Habits) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(module.folder);
    let boots: NodeFactories = Arc::new(move |exercise| boot(habits, exercise));
    let made_up = claims_with_made_up_replies(&folder);
    for seed in seeds() {
        let mut checks = scenario::checks(&folder, &boots);
        if habits.stale == Stale::ByCall {
            checks.retain(|check| !made_up.contains(&check.claim));
        }
        accepted(module, checks, seed);
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

fn properties(module: &'static Module, habits: Habits) {
    let check = |last| {
        let claim = format!("storms 1 to {last}");
        Check::new(&module.whole.to_string(), claim, "§5", move |context| {
            storms(context, &boot(habits, module.whole), module.goal, 1..=last)
        })
        .time_limit(std::time::Duration::from_mins(1))
    };
    accepted(module, vec![check(module.storms)], 1);
    for seed in seeds().skip(1) {
        accepted(module, vec![check(module.some)], seed);
    }
}

/// Whether somebody is elected though an old leader is heard still, and though a candidate goes on asking that
/// cannot win.
fn elects_in_time(habits: Habits, seed: u64) -> (bool, bool) {
    let boot = boot(habits, ELECTION.whole);
    let mut context = Context::new(seed);
    let old = old_leader(&mut context, &boot).is_ok();
    (old, hopeless_candidate(&mut context, &boot).is_ok())
}

/// Elections, with these habits.
fn elects(habits: Habits) {
    for seed in seeds() {
        assert_eq!(elects_in_time(habits, seed), (true, true), "base seed {seed}");
    }
    scenarios(&ELECTION, habits);
    properties(&ELECTION, habits);
    for module in [&REPLICATION, &COMMITMENT] {
        scenarios(module, habits);
    }
}

/// Replication and commitment, with these habits.
fn replicates(habits: Habits) {
    for module in [&REPLICATION, &COMMITMENT] {
        scenarios(module, habits);
        properties(module, habits);
    }
    for seed in seeds() {
        accepted(&COMMITMENT, bonus(habits), seed);
    }
}

/// Clients that repeat commands, and clients that read.
fn bonus(habits: Habits) -> Vec<Check> {
    let check = |asking: Workload| {
        let claim = format!("{asking:?} in storms");
        let Module { whole, goal, some, .. } = COMMITMENT;
        Check::new(&whole.to_string(), claim, "§8", move |context| {
            storms_of(context, &boot(habits, whole), goal, asking, 1..=some)
        })
    };
    vec![check(Workload::Sessions), check(Workload::Queries)]
}

#[test]
fn who_is_patient_for_a_wrong_reason_is_noticed() {
    for seed in seeds() {
        let with = |mistake| Habits { mistake: Some(mistake), ..Habits::default() };
        let (old, _) = elects_in_time(with(Mistake::HearsOldLeaders), seed);
        let (_, hopeless) = elects_in_time(with(Mistake::HearsCandidates), seed);
        assert_eq!((old, hopeless), (false, false), "base seed {seed}");
    }
}

#[test]
fn as_the_paper_has_it() {
    elects(Habits::default());
}

#[test]
fn calls_go_out_backwards() {
    elects(Habits { order: Order::Backwards, ..Habits::default() });
}

#[test]
fn calls_go_out_in_any_order() {
    elects(Habits { order: Order::Shuffled, ..Habits::default() });
}

#[test]
fn losers_follow() {
    elects(Habits { losers: Losers::Follow, ..Habits::default() });
}

#[test]
fn stale_answers_are_told_by_the_number_of_the_call() {
    elects(Habits { stale: Stale::ByCall, ..Habits::default() });
}

#[test]
fn timeouts_are_long() {
    elects(Habits { patience: Patience::Long, ..Habits::default() });
}

#[test]
fn candidates_ask_again_who_has_not_answered() {
    elects(Habits { retries: true, ..Habits::default() });
}

#[test]
fn leaders_greet_late_voters() {
    elects(Habits { greets: true, ..Habits::default() });
}

#[test]
fn heartbeats_go_out_twice() {
    elects(Habits { repeats: true, ..Habits::default() });
}

#[test]
fn the_election_timer_runs_out_and_is_armed_anew_if_a_leader_was_heard() {
    properties(&ELECTION, Habits { patience: Patience::Lazy, ..Habits::default() });
}

#[test]
fn the_paper_and_nothing_else() {
    replicates(Habits::default());
}

#[test]
fn hints_tell_the_length_of_the_log() {
    replicates(Habits { hints: Hints::Length, ..Habits::default() });
}

#[test]
fn hints_tell_the_term_that_conflicts() {
    replicates(Habits { hints: Hints::Term, ..Habits::default() });
}

#[test]
fn a_follower_is_called_when_it_has_answered() {
    replicates(Habits { calls: Calls::OneAtATime, ..Habits::default() });
}

#[test]
fn each_call_carries_what_comes_after_the_last() {
    replicates(Habits { calls: Calls::Pipelined, ..Habits::default() });
}

#[test]
fn one_entry_at_a_time_and_only_with_heartbeats_after_an_answer() {
    replicates(Habits { one_entry: true, waits: true, ..Habits::default() });
}

#[test]
fn commitment_is_announced_at_once() {
    replicates(Habits { announces: true, ..Habits::default() });
}

#[test]
fn reads_wait_until_the_leader_knows_what_is_committed() {
    replicates(Habits { reads: Reads::Wait, ..Habits::default() });
}

#[test]
fn all_habits_together() {
    elects(Habits {
        order: Order::Shuffled,
        losers: Losers::Follow,
        stale: Stale::ByCall,
        patience: Patience::Long,
        retries: true,
        greets: true,
        repeats: true,
        ..Habits::default()
    });
}

#[test]
fn a_slow_leader_that_calls_one_at_a_time() {
    replicates(Habits {
        order: Order::Backwards,
        losers: Losers::Follow,
        calls: Calls::OneAtATime,
        one_entry: true,
        reads: Reads::Wait,
        ..Habits::default()
    });
}

#[test]
fn a_quick_and_talkative_leader() {
    replicates(Habits {
        order: Order::Shuffled,
        repeats: true,
        greets: true,
        hints: Hints::Term,
        calls: Calls::Pipelined,
        announces: true,
        ..Habits::default()
    });
}
