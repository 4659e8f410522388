use std::io;
use std::sync::Arc;

use protocol::{Effect, Event, KeyValue, Members, Node, RoleName, ServerId, Term, Timer};

use super::*;

/// A server that leads from the beginning, and arms a timer every so often or not at all.
#[derive(Debug)]
struct Lonely {
    members: Members,
    tick: Option<Duration>,
    machine: KeyValue,
}

impl Node for Lonely {
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        let arm = |after| Effect::SetTimer { timer: Timer::Heartbeat, after };
        Ok(match event {
            Event::Start | Event::Timeout(_) => self.tick.map(arm).into_iter().collect(),
            _ => Vec::new(),
        })
    }
    fn role(&self) -> RoleName {
        RoleName::Leader
    }
    fn current_term(&self) -> Term {
        Term(1)
    }
    fn voted_for(&self) -> Option<ServerId> {
        Some(ServerId(1))
    }
    simulator::without_log!();
}

fn lonely(tick: Option<Duration>) -> NodeFactory {
    Arc::new(move |setup, _| {
        Box::new(Lonely { members: setup.members, tick, machine: KeyValue::new() })
    })
}

/// The storm with this seed, which has one server.
fn storm(factory: &NodeFactory) -> Storm<'_> {
    let storm = Storm::draw(Goal::StableLeader, Workload::default(), 7 * 3, factory);
    assert_eq!(storm.servers, 1);
    storm
}

#[test]
fn a_storm_is_known_by_its_step() {
    assert_eq!(number_in(&step(217, "3 servers")), Some(217));
    assert_eq!(number_in("the long storm"), None);
}

#[test]
fn a_storm_in_which_nothing_happens_ends() {
    let factory = lonely(None);
    let storm = storm(&factory);
    let mut world = storm.world(false).unwrap();
    assert!(faults_and_calm(&mut world, &storm).is_ok(), "a leader that is alone needs no timer");
    assert!(world.cluster.events() < 5 && world.now() < 2 * LONGEST);
}

#[test]
fn servers_that_tick_often_get_as_much_virtual_time() {
    let factory = lonely(Some(Duration::from_millis(1)));
    let storm = storm(&factory);
    let mut world = storm.world(false).unwrap();
    faults(&mut world, 1).unwrap();
    assert!(world.now() >= SHORTEST && world.cluster.events() > 2 * EVENTS);
    // There is a limit, however.
    let factory = lonely(Some(Duration::from_micros(1)));
    let mut world = self::storm(&factory).world(false).unwrap();
    faults(&mut world, 1).unwrap();
    assert!(world.now() < SHORTEST && world.cluster.events() == MOST_EVENTS);
}
