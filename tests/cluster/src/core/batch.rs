//! The events that the node will handle together.

use std::collections::BTreeMap;
use std::io;

use protocol::{CallId, Effect, Event, Node, Request, ServerId, handle_each};

use super::types::Batches;

/// Lets a node handle these events, in this way. Returns the effects of all.
pub(super) fn handled(
    node: &mut dyn Node,
    events: Vec<Event>,
    batches: Batches,
) -> io::Result<Vec<Effect>> {
    match batches {
        Batches::Together => node.handle_all(events),
        Batches::Single => {
            let mut effects = Vec::new();
            for event in events {
                effects.extend(node.handle_all(vec![event])?);
            }
            Ok(effects)
        }
        Batches::Off => handle_each(node, events),
    }
}

/// The requests of a batch: by caller and number, the caller's boot number.
pub(super) type Callers = BTreeMap<(ServerId, CallId), u64>;

/// The events that have been gathered.
#[derive(Debug, Default)]
pub(super) struct Batch {
    events: Vec<Event>,
    callers: Callers,
}

impl Batch {
    pub(super) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Adds an event that nobody expects an answer to, or a client does.
    pub(super) fn add(&mut self, event: Event) {
        self.events.push(event);
    }

    /// Whether the batch has a request of this caller with this number: a duplicate, or one of another life. An
    /// answer names no more than these two, so such requests must not be in one batch.
    pub(super) fn has_request(&self, from: ServerId, call: CallId) -> bool {
        self.callers.contains_key(&(from, call))
    }

    /// Adds a request of another server, in the life with this boot number.
    pub(super) fn add_request(
        &mut self,
        from: ServerId,
        call: CallId,
        boot: u64,
        request: Request,
    ) {
        self.callers.insert((from, call), boot);
        self.events.push(Event::Request { call, from, request });
    }

    /// Takes all of it out.
    pub(super) fn take(&mut self) -> (Vec<Event>, Callers) {
        (std::mem::take(&mut self.events), std::mem::take(&mut self.callers))
    }
}
