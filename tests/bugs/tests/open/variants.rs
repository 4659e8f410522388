//! The habits with which servers are judged, and which checks do not fit them.

use std::ops::RangeInclusive;

use open::{Flow, Habits, Hints, Reads};
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Servers with the same habits.
#[derive(Clone)]
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) habits: Habits,
    /// The order of requests that go out together.
    pub(crate) order: Order,
    /// Election timeouts are drawn from the upper half of their range.
    pub(crate) has_long_timeouts: bool,
    /// Whether the habits are drawn from the base seed.
    pub(crate) is_drawn: bool,
    /// The modules in which the habits show.
    pub(crate) modules: RangeInclusive<u32>,
    pub(crate) scenarios: Scenarios,
}

/// The order of requests that go out together.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Order {
    /// As the server has it.
    Forwards,
    Backwards,
    /// Another one each time.
    Shuffled,
}

/// The scenarios that fit a variant.
#[derive(Clone, Copy)]
pub(crate) enum Scenarios {
    All,
    /// All but these files: each expects what servers without the habit do.
    Except(&'static [&'static str]),
    /// All without replies that the script makes up: those have call numbers that the server never gave.
    WithoutReplies,
    /// None: nearly all of them name a message or an entry that is different with this habit.
    None,
}

/// Fires the election timer of a leader, and expects that it goes on leading.
const LEADER_TIMES_OUT: &[&str] =
    &["a_leader_does_not_time_out", "a_deposed_leader_can_time_out_again"];

/// Relies on the number of entries that one round trip brings to a follower.
const ROUND_TRIPS: &[&str] = &["a_follower_gets_a_snapshot_although_writes_go_on"];

/// Relies on that number, and on what a leader's second request carries.
const REQUESTS: &[&str] =
    &["a_follower_gets_a_snapshot_although_writes_go_on", "figure_8_with_its_crashes"];

/// Counts the entries, and a read makes one. In exercise 4.10 it must not.
const READS: &[&str] = &[
    "a_single_server_reads_at_once",
    "a_read_is_answered_once_a_majority_was_heard",
    "a_leader_reads_only_after_it_has_committed_in_its_own_term",
    "a_deposed_leader_serves_no_read",
    "an_answer_to_an_earlier_call_confirms_no_read",
    "a_read_is_not_confirmed_by_the_replies_that_another_read_waits_for",
    "explore_reads",
    "a_new_server_is_sent_a_snapshot_and_joins",
];

/// Shows the answer to a read at a deposed leader, and not only that nothing was read.
const READS_END: &[&str] =
    &["a_deposed_leader_serves_no_read", "an_answer_to_an_earlier_call_confirms_no_read"];

impl Variant {
    fn new(name: &'static str, modules: RangeInclusive<u32>, habits: Habits) -> Self {
        let (order, scenarios) = (Order::Forwards, Scenarios::All);
        let (has_long_timeouts, is_drawn) = (false, false);
        Variant { name, habits, order, has_long_timeouts, is_drawn, modules, scenarios }
    }

    /// The variant that is judged with this base seed.
    pub(crate) fn at(&self, seed: u64) -> Self {
        let habits = if self.is_drawn { draw(seed) } else { self.habits };
        Variant { habits, ..self.clone() }
    }

    fn except(self, files: &'static [&'static str]) -> Self {
        Variant { scenarios: Scenarios::Except(files), ..self }
    }

    fn storms_alone(self) -> Self {
        Variant { scenarios: Scenarios::None, ..self }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Variant> {
    [elections(), replication(), clients(), disks(), together()].concat()
}

fn elections() -> Vec<Variant> {
    let usual = Habits::default();
    let of = |name, habits| Variant::new(name, 2..=7, habits);
    vec![
        of("asks_again", Habits { asks_again: true, ..usual }),
        of("concedes", Habits { concedes: true, ..usual }),
        of("greets_late_voters", Habits { greets_late_voters: true, ..usual }),
        of("lazy_timer", Habits { lazy_timer: true, ..usual }).storms_alone(),
        Variant {
            scenarios: Scenarios::WithoutReplies,
            ..of("stale_by_call", Habits { stale_by_call: true, ..usual })
        },
        of("check_quorum", Habits { check_quorum: true, ..usual }).except(LEADER_TIMES_OUT),
        // Without the check for a quorum, a leader that receives nothing could keep its followers forever.
        of("pre_vote", Habits { pre_vote: true, check_quorum: true, ..usual }).storms_alone(),
        of("leader_lease", Habits { leader_lease: true, check_quorum: true, ..usual })
            .storms_alone(),
        Variant { order: Order::Backwards, ..of("calls_go_out_backwards", usual) },
        Variant { order: Order::Shuffled, ..of("calls_go_out_in_any_order", usual) },
        Variant { has_long_timeouts: true, ..of("timeouts_are_long", usual) },
    ]
}

fn replication() -> Vec<Variant> {
    let usual = Habits::default();
    let of = |name, habits| Variant::new(name, 3..=7, habits);
    vec![
        of("hints_length", Habits { hints: Hints::Length, ..usual }),
        of("hints_term", Habits { hints: Hints::Term, ..usual }),
        of("one_in_flight", Habits { flow: Flow::OneInFlight, ..usual }).except(ROUND_TRIPS),
        of("pipelined", Habits { flow: Flow::Pipelined, ..usual }).except(REQUESTS),
        of("single_entries", Habits { single_entries: true, ..usual }).except(ROUND_TRIPS),
        of("waits_for_heartbeat", Habits { waits_for_heartbeat: true, ..usual }),
    ]
}

fn clients() -> Vec<Variant> {
    let usual = Habits::default();
    let of = |name, habits| Variant::new(name, 4..=7, habits);
    vec![
        // In module 7, a leader changes nothing before it has committed an entry of its own term.
        Variant::new("no_no_op", 4..=6, Habits { no_op: false, ..usual }).storms_alone(),
        of("heartbeat_first", Habits { heartbeat_first: true, ..usual }),
        of("announces_commit", Habits { announces_commit: true, ..usual }),
        of("answers_repeated", Habits { answers_repeated: true, ..usual }),
        of("reads_waiting", Habits { reads: Reads::Waiting, ..usual }),
        of("reads_logged", Habits { reads: Reads::Logged, ..usual }).except(READS),
        of("reads_end_unknown", Habits { reads_end_unknown: true, ..usual }).except(READS_END),
    ]
}

fn disks() -> Vec<Variant> {
    let usual = Habits::default();
    vec![
        Variant::new("ballot_file", 5..=7, Habits { ballot_file: true, ..usual }),
        Variant::new("tail", 6..=7, Habits { tail: Some(3), ..usual }),
        Variant::new("keeps_old_snapshots", 6..=7, Habits { keeps_old_snapshots: true, ..usual }),
    ]
}

/// Without any habit, and with many at once.
fn together() -> Vec<Variant> {
    let usual = Habits::default();
    let busy = Habits {
        asks_again: true,
        greets_late_voters: true,
        heartbeat_first: true,
        hints: Hints::Term,
        announces_commit: true,
        reads: Reads::Waiting,
        ballot_file: true,
        ..usual
    };
    let slow = Habits {
        concedes: true,
        check_quorum: true,
        flow: Flow::OneInFlight,
        single_entries: true,
        waits_for_heartbeat: true,
        ..usual
    };
    // As far as they can be told, those of etcd.
    let production = Habits {
        pre_vote: true,
        leader_lease: true,
        check_quorum: true,
        hints: Hints::Term,
        flow: Flow::Pipelined,
        announces_commit: true,
        reads: Reads::Waiting,
        tail: Some(10),
        ..usual
    };
    vec![
        Variant::new("usual", 2..=7, usual),
        Variant { order: Order::Shuffled, ..Variant::new("busy", 2..=7, busy) },
        Variant { has_long_timeouts: true, ..Variant::new("slow", 2..=7, slow) }.storms_alone(),
        Variant::new("production", 2..=7, production).storms_alone(),
        Variant { is_drawn: true, ..Variant::new("drawn", 2..=7, usual) }.storms_alone(),
    ]
}

/// Any habits. Each goes with any other, but for two: a server that ignores candidates needs the check for a quorum,
/// and module 7 needs the no-op.
fn draw(seed: u64) -> Habits {
    let rng = &mut ChaCha8Rng::seed_from_u64(seed);
    let check_quorum = rng.random_bool(0.5);
    Habits {
        asks_again: rng.random_bool(0.5),
        concedes: rng.random_bool(0.5),
        greets_late_voters: rng.random_bool(0.5),
        lazy_timer: rng.random_bool(0.5),
        stale_by_call: rng.random_bool(0.5),
        pre_vote: check_quorum && rng.random_bool(0.5),
        leader_lease: check_quorum && rng.random_bool(0.5),
        check_quorum,
        no_op: true,
        heartbeat_first: rng.random_bool(0.5),
        hints: one_of(rng, &[Hints::None, Hints::Length, Hints::Term]),
        flow: one_of(rng, &[Flow::Eager, Flow::OneInFlight, Flow::Pipelined]),
        single_entries: rng.random_bool(0.5),
        waits_for_heartbeat: rng.random_bool(0.5),
        announces_commit: rng.random_bool(0.5),
        answers_repeated: rng.random_bool(0.5),
        reads: one_of(rng, &[Reads::Refused, Reads::Waiting, Reads::Logged]),
        reads_end_unknown: rng.random_bool(0.5),
        tail: one_of(rng, &[None, Some(0), Some(3)]),
        keeps_old_snapshots: rng.random_bool(0.5),
        ballot_file: rng.random_bool(0.5),
    }
}

fn one_of<T: Copy>(rng: &mut ChaCha8Rng, choices: &[T]) -> T {
    *choices.choose(rng).expect("there is a choice")
}
