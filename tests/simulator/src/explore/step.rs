//! A step of a search, and which steps a state has.

use protocol::{RoleName, ServerId, Timer};

use super::bounds::{Bounds, Left};
use crate::scripted::QueuedMessage;
use crate::world::World as _;
use crate::{Action, Message, MessageRef, ScriptError, Scripted};

/// A step of a search. Messages are named by their place in the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// A message arrives.
    Deliver(usize),
    /// A message arrives, and a copy of it stays in the network.
    DeliverCopy(usize),
    /// A timer runs out.
    Fire(ServerId, Timer),
    /// The next client sends its request.
    Client,
}

impl Step {
    /// The steps from a state. Of several messages that are the same, only the oldest is delivered: `key` tells
    /// which are.
    pub(super) fn all(
        world: &Scripted,
        left: &Left,
        bounds: &Bounds,
        key: impl Fn(&QueuedMessage) -> u64,
    ) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut keys = Vec::new();
        for (place, queued) in world.in_flight.iter().enumerate() {
            if queued.is_held() || !arrives(world, queued.message()) {
                continue;
            }
            let key = key(queued);
            if !keys.contains(&key) {
                keys.push(key);
                steps.push(Step::Deliver(place));
            }
        }
        if left.duplicates > 0 {
            let copies: Vec<Step> = steps.iter().filter_map(Step::twice).collect();
            steps.extend(copies);
        }
        for &id in world.cluster.servers() {
            let timers = [Timer::Election, Timer::Heartbeat, Timer::LeaderLease].into_iter();
            let may = timers.filter(|&timer| may_fire(world, id, timer, left, bounds));
            steps.extend(may.map(|timer| Step::Fire(id, timer)));
        }
        if bounds.clients.get(left.asked).is_some_and(|&(to, _)| world.cluster.is_up(to)) {
            steps.push(Step::Client);
        }
        steps
    }

    fn twice(&self) -> Option<Step> {
        match *self {
            Step::Deliver(place) => Some(Step::DeliverCopy(place)),
            _ => None,
        }
    }

    /// Takes the step, and returns the server that it has moved.
    pub(super) fn take(
        self,
        world: &mut Scripted,
        left: &mut Left,
        bounds: &Bounds,
    ) -> Result<ServerId, ScriptError> {
        match self {
            Step::Deliver(place) => {
                let message = world.in_flight.remove(place).into_message();
                let to = message.to;
                world.arrive(message)?;
                Ok(to)
            }
            Step::DeliverCopy(place) => {
                left.duplicates -= 1;
                let message = world.in_flight[place].message().clone();
                let to = message.to;
                world.arrive(message)?;
                Ok(to)
            }
            Step::Fire(id, timer) => {
                match timer {
                    Timer::Election => left.elections -= 1,
                    Timer::Heartbeat => left.heartbeats -= 1,
                    Timer::LeaderLease => left.quiet -= 1,
                }
                world.fire(id, timer)?;
                Ok(id)
            }
            Step::Client => {
                let (to, request) = bounds.clients[left.asked].clone();
                left.asked += 1;
                world.client(to, request, "")?;
                Ok(to)
            }
        }
    }

    /// The step as an action, before it is taken.
    pub(super) fn action(self, world: &Scripted, left: &Left, bounds: &Bounds) -> Action {
        match self {
            Step::Deliver(place) => Action::Deliver(named(world, place)),
            Step::DeliverCopy(place) => Action::DeliverCopy(named(world, place)),
            Step::Fire(id, timer) => Action::Fire(id, timer),
            Step::Client => {
                let (to, request) = bounds.clients[left.asked].clone();
                Action::Client(to, request)
            }
        }
    }
}

/// The message at this place, by its description. It is counted among those that are not held back, as a script
/// does; without a number if there is only one.
fn named(world: &Scripted, place: usize) -> MessageRef {
    let message = world.in_flight[place].message();
    let (from, to, kind) = (message.from, message.to, message.kind());
    let alike = world.in_flight().enumerate().filter(|(_, (other, held))| {
        !held && (other.from, other.to, other.kind()) == (from, to, kind)
    });
    let places: Vec<usize> = alike.map(|(place, _)| place).collect();
    let newer = places.iter().filter(|&&other| other >= place).count();
    MessageRef { from, to, kind, newest: (places.len() > 1).then_some(newer) }
}

fn arrives(world: &Scripted, message: &Message) -> bool {
    world.cluster.is_up(message.to)
        && !world.links().is_cut(message.from, message.to)
        && (message.is_request() || world.cluster.incarnation(message.to) == message.incarnation)
}

fn may_fire(world: &Scripted, id: ServerId, timer: Timer, left: &Left, bounds: &Bounds) -> bool {
    let Some(node) = world.cluster.node(id).filter(|_| world.is_armed(id, timer)) else {
        return false;
    };
    match timer {
        Timer::Heartbeat => left.heartbeats > 0,
        Timer::LeaderLease => left.quiet > 0,
        // Leaders leave an election timer running that means nothing to them.
        Timer::Election => {
            left.elections > 0
                && node.role() != RoleName::Leader
                && bounds.campaigners.as_ref().is_none_or(|servers| servers.contains(&id))
        }
    }
}
