//! What a driver can do wrong with clients.

use std::time::Duration;

use cluster::core::{Answer, ConnectionId, Input, Limits, Protections, Question};
use protocol::{Bytes, ClientError, ClientRequest, Effect, Event, RequestId};

use super::fake::{Bench, S2, answers, command};

const ALL: Protections = Protections::ALL;
const ONE: Bytes = Bytes::from_static(b"1");

fn read(connection: u64) -> Input {
    let question = Question::Read(Bytes::from_static(b"get x"));
    Input::Ask { connection: ConnectionId(connection), question }
}

fn echo(connection: u64) -> Input {
    Input::Ask { connection: ConnectionId(connection), question: Question::Echo(ONE) }
}

/// Answers each request when the next one comes.
fn slow() -> impl FnMut(&Event) -> Vec<Effect> {
    let mut before: Option<RequestId> = None;
    move |event| match event {
        Event::Client { id, .. } => {
            let due = before.replace(*id);
            due.into_iter().map(|id| Effect::Client { id, result: Ok(ONE) }).collect()
        }
        _ => Vec::new(),
    }
}

#[test]
fn answers_keep_the_order_of_the_requests() {
    let mut bench = Bench::new(Limits::default(), ALL, slow());
    // The second and fourth could be answered at once, and the second connection need not wait.
    bench.inbox.extend([command(1), echo(1), command(1), echo(1), echo(2)]);
    let first = answers(bench.turn(1));
    let (echoed, result) = (Answer::Echo(ONE), Answer::Result(ONE));
    let expected = [(1, result.clone()), (1, echoed.clone()), (2, echoed.clone())];
    assert_eq!(first, expected);
    bench.inbox.push_back(command(3));
    assert_eq!(answers(bench.turn(2)), [(1, result), (1, echoed)]);
}

#[test]
fn a_request_is_answered_at_its_deadline() {
    let late = |protections| {
        let limits = Limits { patience: Duration::from_millis(100), ..Limits::default() };
        let mut bench = Bench::new(limits, protections, |_| Vec::new());
        bench.inbox.extend([command(1), read(2)]);
        bench.turn(1);
        assert_eq!(bench.core.wake_at(), Some(Duration::from_millis(101)));
        answers(bench.turn(101))
    };
    let [(1, Answer::Unknown(_)), (2, Answer::TryAgain(_))] = &late(ALL)[..] else {
        panic!("a command may still be done, and a read has changed nothing: {:?}", late(ALL))
    };
    assert!(late(Protections { deadlines: false, ..ALL }).is_empty(), "they wait forever");
}

#[test]
fn an_answer_after_the_deadline_goes_nowhere() {
    let limits = Limits { patience: Duration::from_millis(100), ..Limits::default() };
    let mut bench = Bench::new(limits, ALL, slow());
    bench.inbox.push_back(command(1));
    bench.turn(1);
    assert_eq!(answers(bench.turn(200)).len(), 1);
    bench.inbox.push_back(command(2));
    assert!(answers(bench.turn(201)).is_empty());
}

#[test]
fn every_error_has_its_own_answer() {
    let mut bench = Bench::new(Limits::default(), ALL, |event| match event {
        Event::Client { id, .. } => {
            let error = match id.0 {
                1 => ClientError::NotLeader(Some(S2)),
                2 => ClientError::NotLeader(None),
                3 => ClientError::Refused,
                _ => ClientError::Unknown,
            };
            vec![Effect::Client { id: *id, result: Err(error) }]
        }
        _ => Vec::new(),
    });
    bench.inbox.extend((1..=4).map(command));
    let left = answers(bench.turn(1));
    let expected = matches!(
        &left[..],
        [
            (1, Answer::Moved(S2)),
            (2, Answer::TryAgain(_)),
            (3, Answer::TryAgain(_)),
            (4, Answer::Unknown(_)),
        ]
    );
    assert!(expected, "{left:?}");
}

#[test]
fn a_read_that_is_refused_becomes_a_command() {
    let mut bench = Bench::new(Limits::default(), ALL, |event| match event {
        Event::Client { id, request: ClientRequest::Query(_) } => {
            vec![Effect::Client { id: *id, result: Err(ClientError::Refused) }]
        }
        Event::Client { id, request: ClientRequest::Command(command) } => {
            vec![Effect::Client { id: *id, result: Ok(command.bytes.clone()) }]
        }
        _ => Vec::new(),
    });
    bench.inbox.extend([read(1), echo(1)]);
    let expected = [(1, Answer::Result(Bytes::from_static(b"get x"))), (1, Answer::Echo(ONE))];
    assert_eq!(answers(bench.turn(1)), expected);
}

#[test]
fn a_request_sees_those_before_it_on_its_connection_and_none_after_it() {
    /// Notes what the server is asked, and answers a query when the heartbeat timer fires, as replies would let it.
    fn asked(protections: Protections) -> (Vec<&'static str>, Vec<&'static str>) {
        let notes = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
        let (noted, mut queries) = (notes.clone(), Vec::new());
        let mut bench = Bench::new(Limits::default(), protections, move |event| match event {
            Event::Start => {
                let after = Duration::from_millis(50);
                vec![Effect::SetTimer { timer: protocol::Timer::Heartbeat, after }]
            }
            Event::Client { id, request } => {
                let is_query = matches!(request, ClientRequest::Query(_));
                noted.borrow_mut().push(if is_query { "query" } else { "command" });
                queries.extend(is_query.then_some(*id));
                Vec::new()
            }
            _ => queries.drain(..).map(|id| Effect::Client { id, result: Ok(ONE) }).collect(),
        });
        bench.inbox.extend([read(1), read(1), command(1), read(1), command(2), read(2)]);
        bench.turn(1);
        let first = notes.take();
        bench.turn(60);
        (first, notes.take())
    }
    let (first, then) = asked(ALL);
    assert_eq!(first, ["query", "query", "command", "command"], "connection 2 does not wait");
    assert_eq!(then, ["command", "command"], "the read behind the command is one, too");
    let (first, then) = asked(Protections { connection_order: false, ..ALL });
    assert_eq!(first, ["query", "query", "command", "query", "command", "query"]);
    assert!(then.is_empty());
}

#[test]
fn too_many_requests_are_turned_away_at_once() {
    let limits = Limits { waiting_clients: 3, ..Limits::default() };
    let mut bench = Bench::new(limits, ALL, |_| Vec::new());
    bench.inbox.extend((1..=5).map(command));
    let left = answers(bench.turn(1));
    assert!(matches!(left[..], [(4, Answer::TryAgain(_)), (5, Answer::TryAgain(_))]), "{left:?}");
}

#[test]
fn a_connection_that_has_ended_hears_nothing() {
    let mut bench = Bench::new(Limits::default(), ALL, slow());
    bench.inbox.push_back(command(1));
    bench.turn(1);
    bench.inbox.extend([Input::Closed(ConnectionId(1)), command(2)]);
    assert!(answers(bench.turn(2)).is_empty());
}
