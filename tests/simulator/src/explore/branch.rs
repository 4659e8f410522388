//! A state of the search: its fingerprint, and the steps from it.

use std::hash::Hash as _;
use std::hash::Hasher as _;
use std::rc::Rc;

use protocol::ServerId;

use super::bounds::{Bounds, Left};
use super::digest::Digest;
use super::history::History;
use super::step::Step;
use super::text::ServerText;
use super::violation::Finding;
use crate::invariants::slot;
use crate::{Body, Message, ScriptError, Scripted};

/// What is known of a state besides its world, which a search may have to make again.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) left: Left,
    /// What each server prints about itself.
    texts: Vec<Rc<ServerText>>,
    /// What clients saw, if its order matters.
    history: Option<Rc<History>>,
}

impl Branch {
    /// The state in which a search begins.
    pub(super) fn first(world: &Scripted, bounds: &Bounds, buffer: &mut String) -> Self {
        let history = History::of(world);
        let clients: Vec<_> = bounds.clients.iter().map(|(_, request)| request.clone()).collect();
        let text = |&id: &ServerId| Rc::new(ServerText::of(world, id, buffer));
        Branch {
            left: Left::all(bounds),
            texts: world.cluster.servers().iter().map(text).collect(),
            history: history.depends_on_order(&clients).then(|| Rc::new(history)),
        }
    }

    /// The steps from this state.
    pub(super) fn steps(&self, world: &Scripted, bounds: &Bounds) -> Vec<Step> {
        let calls = self.calls(world, bounds);
        Step::all(world, &self.left, bounds, |message| key(message, &calls))
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
        buffer: &mut String,
    ) -> Result<Self, Wrong> {
        let mut next = self.clone();
        let asked = world.asked().len();
        let moved = step.take(world, &mut next.left, bounds)?;
        next.texts[slot(moved)] = Rc::new(ServerText::of(world, moved, buffer));
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

    /// Whether nothing but the delivery of a message tells this state from the one `before`: its server, the timers,
    /// and the rest of the network are as they were.
    pub(super) fn is_idle_since(&self, before: &Self, world: &Scripted, sent: usize) -> bool {
        let same =
            |(now, then): (&Rc<ServerText>, &Rc<ServerText>)| Rc::ptr_eq(now, then) || now == then;
        self.left == before.left
            && world.in_flight.len() + 1 == sent
            && self.texts.iter().zip(&before.texts).all(same)
    }

    /// The digest of what the servers are, without the network.
    pub(super) fn servers(&self) -> u64 {
        let mut digest = Digest::default();
        for text in &self.texts {
            digest.write_u64(text.digest);
        }
        digest.finish()
    }

    /// What identifies the state.
    pub(super) fn fingerprint(&self, world: &Scripted, bounds: &Bounds) -> u64 {
        let calls = self.calls(world, bounds);
        let mut digest = Digest::default();
        self.left.hash(&mut digest);
        for (text, known) in self.texts.iter().zip(&calls) {
            digest.write_u64(text.digest);
            if !bounds.ignores_calls {
                for &call in &text.calls {
                    digest.write_u64(rank(known, call));
                }
            }
        }
        let mut keys: Vec<u64> = world
            .in_flight()
            .map(|(message, held)| key(message, &calls) ^ u64::from(held))
            .collect();
        keys.sort_unstable();
        for key in keys {
            digest.write_u64(key);
        }
        if let Some(history) = &self.history {
            history.hash(&mut digest);
        }
        world.cluster.invariants().hash_acknowledgements(&mut digest);
        digest.finish()
    }

    /// For each server, the numbers of its calls that it or a message knows, in order.
    fn calls(&self, world: &Scripted, bounds: &Bounds) -> Vec<Vec<u64>> {
        if bounds.ignores_calls {
            return vec![Vec::new(); self.texts.len()];
        }
        let mut calls: Vec<Vec<u64>> = self.texts.iter().map(|text| text.calls.clone()).collect();
        for (message, _) in world.in_flight() {
            calls[slot(caller(message))].push(message.call.0);
        }
        for calls in &mut calls {
            calls.sort_unstable();
            calls.dedup();
        }
        calls
    }
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
fn key(message: &Message, calls: &[Vec<u64>]) -> u64 {
    let mut digest = Digest::default();
    digest.write_u64(message.from.0);
    digest.write_u64(message.to.0);
    digest.write_u32(message.incarnation);
    match &message.body {
        Body::Request(request) => request.hash(&mut digest),
        Body::Reply { request, reply } => (request, reply).hash(&mut digest),
    }
    digest.write_u64(rank(&calls[slot(caller(message))], message.call.0));
    digest.finish()
}

/// The rank of a call among those that are known. Without any, all calls are alike.
fn rank(known: &[u64], call: u64) -> u64 {
    known.binary_search(&call).map_or(0, |rank| rank as u64)
}
