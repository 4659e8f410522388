//! What a driver can do wrong with events, timers, messages and the disk.

use std::time::Duration;

use cluster::core::{Batches, Limits, Output, Protections};
use protocol::{CallId, Effect, Event, Reply, Request, ServerId, Timer};

use super::fake::{Bench, S2, append, calls, command, heartbeat, reply};

const ALL: Protections = Protections::ALL;

fn arm(timer: Timer, ms: u64) -> Effect {
    Effect::SetTimer { timer, after: Duration::from_millis(ms) }
}

/// A follower: 300 ms after each message of its leader it starts an election.
fn follower(event: &Event) -> Vec<Effect> {
    match event {
        Event::Start => vec![arm(Timer::Election, 300)],
        Event::Request { call, from, request: Request::AppendEntries(r) } => {
            let reply =
                protocol::AppendEntriesReply { term: r.term, success: true, conflict: None };
            let reply = Reply::AppendEntries(reply);
            vec![arm(Timer::Election, 300), Effect::Answer { call: *call, to: *from, reply }]
        }
        _ => Vec::new(),
    }
}

/// A leader with a heartbeat every 100 ms.
fn leader(event: &Event) -> Vec<Effect> {
    match event {
        Event::Start | Event::Timeout(Timer::Heartbeat) => {
            vec![arm(Timer::Heartbeat, 100), append(1, 0)]
        }
        _ => Vec::new(),
    }
}

#[test]
fn a_batch_takes_one_fsync() {
    let mut bench = Bench::new(Limits::default(), ALL, |_| Vec::new());
    bench.inbox.extend((0..5).map(command));
    bench.turn(1);
    let clients = (1..=5).map(|id| format!("client {id}"));
    assert_eq!(bench.took(), clients.chain(["fsync".to_owned()]).collect::<Vec<_>>());
}

#[test]
fn a_batch_is_handed_over_as_a_whole_unless_somebody_measures() {
    let handed = |batches| {
        let limits = Limits { batches, ..Limits::default() };
        let mut bench = Bench::new(limits, ALL, |_| Vec::new());
        bench.inbox.extend((0..3).map(command));
        bench.turn(1);
        bench.handed.take()
    };
    assert_eq!(handed(Batches::Together), [1, 3], "the start, and then all commands");
    assert_eq!(handed(Batches::Single), [1, 1, 1, 1]);
    assert_eq!(handed(Batches::Off), Vec::<usize>::new(), "each goes through `handle`");
}

#[test]
fn requests_with_the_same_number_are_not_in_one_batch() {
    // A duplicate, and the request of another life with the same number: each is answered in its own name.
    let mut bench = Bench::new(Limits::default(), ALL, follower);
    let cluster::core::Input::Message(envelope) = heartbeat() else { unreachable!() };
    let of_life =
        |boot| cluster::core::Input::Message(cluster::wire::Envelope { boot, ..envelope.clone() });
    bench.inbox.extend([of_life(5), of_life(5), of_life(6)]);
    let left = bench.turn(1);
    let boot = |output: &Output| match output {
        Output::Message(cluster::wire::Envelope {
            letter: cluster::wire::Letter::Reply { caller_boot, .. },
            ..
        }) => *caller_boot,
        other => panic!("{other:?}"),
    };
    assert_eq!(left.iter().map(boot).collect::<Vec<_>>(), [5, 5, 6]);
    assert_eq!(bench.handed.take(), [1, 1, 1, 1]);
}

#[test]
fn the_leaders_messages_are_read_before_an_election_starts() {
    // A long fsync: the heartbeat has arrived, and lies unread.
    let late = |protections| {
        let mut bench = Bench::new(Limits::default(), protections, follower);
        bench.inbox.push_back(heartbeat());
        bench.turn(400);
        bench.took()
    };
    assert_eq!(late(ALL), ["AppendEntries", "fsync"]);
    let without = late(Protections { drain_before_election: false, ..ALL });
    assert_eq!(without, ["Election", "AppendEntries", "fsync"]);
}

#[test]
fn an_election_waits_for_what_had_arrived_and_not_for_more() {
    let limits = Limits { batch: 2, ..Limits::default() };
    let mut bench = Bench::new(limits, ALL, follower);
    bench.inbox.extend((0..4).map(command));
    bench.turn(400);
    assert!(!bench.took().contains(&"Election".to_owned()));
    // Clients do not stop asking.
    bench.inbox.extend((4..100).map(command));
    bench.turn(401);
    assert!(bench.took().contains(&"Election".to_owned()));
}

#[test]
fn a_heartbeat_comes_before_everything_else() {
    let busy = |protections| {
        let mut bench = Bench::new(Limits::default(), protections, leader);
        bench.inbox.extend((0..3).map(command));
        bench.turn(150);
        bench.took()
    };
    assert_eq!(busy(ALL)[0], "Heartbeat");
    assert_eq!(busy(Protections { heartbeat_first: false, ..ALL })[3], "Heartbeat");
}

#[test]
fn heartbeats_leave_in_spite_of_a_long_queue() {
    // Each turn handles at most a batch, so the second turn comes in time for the next heartbeat.
    let queue = |protections| {
        let limits = Limits { batch: 10, waiting_clients: 10_000, ..Limits::default() };
        let mut bench = Bench::new(limits, protections, leader);
        bench.inbox.extend((0..1_000).map(command));
        bench.turn(1);
        bench.inbox.len()
    };
    assert_eq!(queue(ALL), 990);
    assert_eq!(queue(Protections { limit_batches: false, ..ALL }), 0);
}

#[test]
fn a_reply_to_an_earlier_life_is_dropped() {
    let heard = |protections| {
        let mut bench = Bench::new(Limits::default(), protections, leader);
        // Call 1 of this life is under way, and the reply to call 1 of an earlier life arrives.
        bench.inbox.push_back(reply(1, 3));
        bench.turn(1);
        let stale = bench.took();
        bench.inbox.push_back(reply(1, super::fake::BOOT));
        bench.turn(2);
        (stale, bench.took())
    };
    let ours = ["AppendEntriesReply".to_owned(), "fsync".to_owned()];
    assert_eq!(heard(ALL), (Vec::new(), ours.to_vec()));
    let without = heard(Protections { boot_numbers: false, ..ALL });
    assert_eq!(without, (ours.to_vec(), Vec::new()), "it counts as the reply to this request");
}

#[test]
fn replies_that_nobody_waits_for_are_dropped() {
    let mut bench = Bench::new(Limits::default(), ALL, leader);
    bench.inbox.extend([reply(9, super::fake::BOOT), reply(1, super::fake::BOOT)]);
    bench.inbox.push_back(reply(1, super::fake::BOOT));
    bench.turn(1);
    assert_eq!(bench.took(), ["AppendEntriesReply", "fsync"]);
}

#[test]
fn after_a_failed_fsync_nothing_leaves_and_nothing_is_handled() {
    let mut bench = Bench::new(Limits::default(), ALL, follower);
    *bench.disk.fails.borrow_mut() = true;
    bench.inbox.push_back(heartbeat());
    let error = bench.core.turn(Duration::from_millis(1), &mut bench.inbox).unwrap_err();
    assert!(error.to_string().contains("the fsync has failed"), "{error}");
    bench.took();
    // The disk says that it works again. What it has lost stays lost.
    *bench.disk.fails.borrow_mut() = false;
    bench.inbox.push_back(heartbeat());
    assert!(bench.core.turn(Duration::from_millis(900), &mut bench.inbox).is_err());
    assert!(bench.took().is_empty(), "the server has handled an event");

    let mut bench =
        Bench::new(Limits::default(), Protections { stop_on_failure: false, ..ALL }, follower);
    *bench.disk.fails.borrow_mut() = true;
    bench.inbox.push_back(heartbeat());
    let left = bench.core.turn(Duration::from_millis(1), &mut bench.inbox).unwrap();
    assert!(matches!(left[..], [Output::Message(_)]), "an answer rests on what is lost");
}

#[test]
fn of_calls_that_say_the_same_one_leaves() {
    let script = |event: &Event| match event {
        Event::Client { id, .. } => vec![append(id.0, usize::try_from(id.0).unwrap_or(0))],
        _ => Vec::new(),
    };
    let left = |protections| {
        let mut bench = Bench::new(Limits::default(), protections, script);
        bench.inbox.extend((0..4).map(command));
        let left = calls(&bench.turn(1));
        (left, bench.core.pending(S2).0)
    };
    assert_eq!(left(ALL), (vec![4], 1));
    assert_eq!(left(Protections { coalesce: false, ..ALL }), (vec![1, 2, 3, 4], 4));
}

#[test]
fn requests_without_a_reply_are_forgotten() {
    let limits = Limits { pending_requests: 16, ..Limits::default() };
    let mut call = 0;
    let mut bench = Bench::new(limits, ALL, move |event| {
        call += 1;
        if matches!(event, Event::Client { .. }) { vec![append(call, 1)] } else { Vec::new() }
    });
    for ms in 1..200 {
        bench.inbox.push_back(command(ms));
        bench.turn(ms);
    }
    assert_eq!(bench.core.pending(S2).0, 16);
}

#[test]
fn messages_for_others_are_dropped() {
    let mut bench = Bench::new(Limits::default(), ALL, follower);
    let cluster::core::Input::Message(envelope) = heartbeat() else { unreachable!() };
    let wrong = [
        cluster::wire::Envelope { cluster: 2, ..envelope.clone() },
        cluster::wire::Envelope { to: ServerId(3), ..envelope },
    ];
    bench.inbox.extend(wrong.map(cluster::core::Input::Message));
    assert!(bench.turn(1).is_empty() && bench.took().is_empty());
}

#[test]
fn an_answer_carries_the_callers_boot_number() {
    let mut bench = Bench::new(Limits::default(), ALL, follower);
    bench.inbox.push_back(heartbeat());
    let left = bench.turn(1);
    let [Output::Message(envelope)] = &left[..] else { panic!("{left:?}") };
    let cluster::wire::Letter::Reply { call, caller_boot, .. } = &envelope.letter else {
        panic!("{envelope:?}")
    };
    assert_eq!((*call, *caller_boot, envelope.boot), (CallId(1), 5, super::fake::BOOT));
}
