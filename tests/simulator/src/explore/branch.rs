//! A state of the search: its fingerprint, and the steps from it.

use std::hash::Hash as _;
use std::hash::Hasher as _;
use std::rc::Rc;

use protocol::ServerId;

use super::bounds::{Bounds, Left};
use super::digest::Digest;
use super::history::History;
use super::identity::Identity;
use super::step::Step;
use super::violation::Finding;
use crate::invariants::slot;
use crate::scripted::QueuedMessage;
use crate::{Body, Message, ScriptError, Scripted};

/// What is known of a state besides its world, which a search may have to make again.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) left: Left,
    /// What identifies the state of each server.
    servers: Vec<Rc<Identity>>,
    /// What clients saw, if its order matters.
    history: Option<Rc<History>>,
}

impl Branch {
    /// The state in which a search begins.
    pub(super) fn first(world: &Scripted, bounds: &Bounds, scratch: &mut Scratch) -> Self {
        let history = History::of(world);
        let clients: Vec<_> = bounds.clients.iter().map(|(_, request)| request.clone()).collect();
        let identity = |&id: &ServerId| Rc::new(Identity::of(world, id, &mut scratch.text));
        Branch {
            left: Left::all(bounds),
            servers: world.cluster.servers().iter().map(identity).collect(),
            history: history.depends_on_order(&clients).then(|| Rc::new(history)),
        }
    }

    /// The steps from this state.
    pub(super) fn steps(
        &self,
        world: &Scripted,
        bounds: &Bounds,
        scratch: &mut Scratch,
    ) -> Vec<Step> {
        self.find_calls(world, bounds, &mut scratch.calls);
        Step::all(world, &self.left, bounds, |queued| key(queued, &scratch.calls))
    }

    /// Takes a step in `world`, which is then the world of the state that is returned.
    ///
    /// # Errors
    /// What the step has shown, if it ends the run; and a step that cannot be taken, which is a mistake of the search.
    pub(super) fn after(
        &self,
        step: Step,
        world: &mut Scripted,
        bounds: &Bounds,
        scratch: &mut Scratch,
    ) -> Result<Self, Wrong> {
        let mut next = self.clone();
        let asked = world.asked().len();
        let moved = step.take(world, &mut next.left, bounds)?;
        next.servers[slot(moved)] = Rc::new(Identity::of(world, moved, &mut scratch.text));
        if let Some(history) = &mut next.history {
            let answered = history.answers() < world.answers().len();
            if answered || world.asked().len() > asked {
                let history = Rc::make_mut(history);
                if let (Step::Client, Some((id, _))) = (step, world.asked().last_key_value()) {
                    history.called(*id, &bounds.clients[self.left.asked].1);
                }
                if let Some(verdict) = history.answered(world) {
                    return Err(Wrong::Found(Finding::NotLinearizable(verdict)));
                }
            }
        }
        Ok(next)
    }

    /// Whether this state differs from the one `before` only by the delivery of a message: its server, the timers,
    /// and the rest of the network are as they were.
    pub(super) fn is_idle_since(&self, before: &Self, world: &Scripted, sent: usize) -> bool {
        let same =
            |(now, then): (&Rc<Identity>, &Rc<Identity>)| Rc::ptr_eq(now, then) || now == then;
        self.left == before.left
            && world.in_flight.len() + 1 == sent
            && self.servers.iter().zip(&before.servers).all(same)
    }

    /// The digest of what the servers are, without the network.
    pub(super) fn of_servers(&self) -> u64 {
        let mut digest = Digest::default();
        for server in &self.servers {
            digest.write_u64(server.digest);
        }
        digest.finish()
    }

    /// What identifies the state.
    pub(super) fn fingerprint(
        &self,
        world: &Scripted,
        bounds: &Bounds,
        scratch: &mut Scratch,
    ) -> u64 {
        let Scratch { calls, keys, .. } = scratch;
        self.find_calls(world, bounds, calls);
        let mut digest = Digest::default();
        self.left.hash(&mut digest);
        for (server, known) in self.servers.iter().zip(calls.iter()) {
            digest.write_u64(server.digest);
            if !bounds.ignores_calls {
                for &call in &server.calls {
                    digest.write_u64(rank(known, call));
                }
            }
        }
        keys.clear();
        let held = |queued: &QueuedMessage| u64::from(queued.is_held());
        keys.extend(world.in_flight.iter().map(|queued| key(queued, calls) ^ held(queued)));
        keys.sort_unstable();
        for &key in keys.iter() {
            digest.write_u64(key);
        }
        if let Some(history) = &self.history {
            history.hash(&mut digest);
        }
        world.cluster.invariants().hash_acknowledgements(&mut digest);
        digest.finish()
    }

    /// For each server, the numbers of its calls that it or a message knows, in order.
    fn find_calls(&self, world: &Scripted, bounds: &Bounds, calls: &mut Vec<Vec<u64>>) {
        calls.resize_with(self.servers.len(), Vec::new);
        calls.iter_mut().for_each(Vec::clear);
        if bounds.ignores_calls {
            return;
        }
        for (calls, server) in calls.iter_mut().zip(&self.servers) {
            calls.extend(&server.calls);
        }
        for (message, _) in world.in_flight() {
            calls[slot(caller(message))].push(message.call.0);
        }
        for calls in calls {
            calls.sort_unstable();
            calls.dedup();
        }
    }
}

/// Buffers that every step of a search reuses.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// What a server prints.
    text: String,
    /// For each server, the numbers of its calls.
    calls: Vec<Vec<u64>>,
    /// What identifies each message.
    keys: Vec<u64>,
}

/// Why a step leads to no further state.
#[derive(Debug)]
pub(super) enum Wrong {
    /// It shows what the search looks for.
    Found(Finding),
    /// It cannot be taken.
    Error(ScriptError),
}

impl From<ScriptError> for Wrong {
    fn from(error: ScriptError) -> Self {
        match error {
            ScriptError::Stop(stop) => Wrong::Found(Finding::Stop(stop)),
            other => Wrong::Error(other),
        }
    }
}

/// The server that has made the call of a message.
fn caller(message: &Message) -> ServerId {
    if message.is_request() { message.from } else { message.to }
}

/// What identifies a message: everything but its number, with the rank of its call in place of the call's number.
fn key(queued: &QueuedMessage, calls: &[Vec<u64>]) -> u64 {
    let message = queued.message();
    let mut digest = Digest::default();
    digest.write_u64(queued.digest(without_call));
    digest.write_u64(rank(&calls[slot(caller(message))], message.call.0));
    digest.finish()
}

fn without_call(message: &Message) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(message.from.0);
    digest.write_u64(message.to.0);
    digest.write_u32(message.incarnation);
    match &message.body {
        Body::Request(request) => request.hash(&mut digest),
        Body::Reply { request, reply } => (request, reply).hash(&mut digest),
    }
    digest.finish()
}

/// The rank of a call among those that are known. Without any, all calls are alike.
fn rank(known: &[u64], call: u64) -> u64 {
    known.binary_search(&call).map_or(0, |rank| rank as u64)
}
