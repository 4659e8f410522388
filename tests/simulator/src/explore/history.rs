//! What clients asked, and what they learned.

use std::hash::{Hash, Hasher as _};

use protocol::{ClientError, ClientRequest, Event, RequestId};

use super::digest::Digest;
use crate::message::printable;
use crate::{Linearizability, Operation, Scripted, TraceEvent, linearizability};

/// After this many steps, the search for an order is given up. Histories of a few requests need a few dozen.
const STEPS: u64 = 100_000;

/// What clients asked, and what they learned, in this order.
#[derive(Clone, Debug, Default)]
pub(super) struct History {
    operations: Vec<(RequestId, Option<Operation>)>,
    /// The calls and results so far.
    clock: u64,
    /// The number of answers in the world that are part of it.
    answers: usize,
}

impl History {
    /// What has happened in a world so far, as its trace has it.
    pub(super) fn of(world: &Scripted) -> Self {
        let mut history = History { answers: world.answers().len(), ..History::default() };
        for traced in world.cluster.trace.iter().flatten() {
            match &traced.what {
                TraceEvent::Event { event: Event::Client { id, request }, .. } => {
                    history.called(*id, request);
                }
                TraceEvent::Answered { id, result, .. } => history.returned(*id, result),
                _ => {}
            }
        }
        history
    }

    /// Whether some request of a client has a result that depends on others: all have but those that only set a
    /// value.
    pub(super) fn depends_on_order(&self, clients: &[ClientRequest]) -> bool {
        let reads = |command: &str| !command.starts_with("set ");
        let operations = self.operations.iter().filter_map(|(_, operation)| operation.as_ref());
        operations.into_iter().any(|operation| reads(&operation.command))
            || clients.iter().filter_map(words).any(|command| reads(&command))
    }

    /// The number of answers that are part of it.
    pub(super) fn answers(&self) -> usize {
        self.answers
    }

    pub(super) fn called(&mut self, id: RequestId, request: &ClientRequest) {
        self.clock += 1;
        let called = self.clock;
        let operation = words(request).map(|command| Operation { command, called, returned: None });
        self.operations.push((id, operation));
    }

    fn returned(&mut self, id: RequestId, result: &Result<String, ClientError>) {
        self.clock += 1;
        let Some((_, operation)) = self.operations.iter_mut().find(|(other, _)| *other == id)
        else {
            return;
        };
        match result {
            Ok(result) => {
                if let Some(operation) = operation {
                    operation.returned.get_or_insert((self.clock, result.clone()));
                }
            }
            // It may still be executed: in the history it never returns.
            Err(ClientError::Unknown) => {}
            Err(ClientError::NotLeader(_) | ClientError::Refused | ClientError::SessionExpired) => {
                *operation = None;
            }
        }
    }

    /// Adds the answers that were given since the last call. Returns what cannot be explained, if there is anything.
    pub(super) fn answered(&mut self, world: &Scripted) -> Option<Linearizability> {
        let new = &world.answers()[self.answers..];
        self.answers = world.answers().len();
        for (id, _, answer) in new {
            self.returned(*id, &printable(answer));
        }
        if !new.iter().any(|(_, _, answer)| answer.is_ok()) {
            return None;
        }
        let operations: Vec<Operation> =
            self.operations.iter().filter_map(|(_, operation)| operation.clone()).collect();
        let verdict = linearizability(&operations, STEPS);
        matches!(verdict, Linearizability::Violated { .. }).then_some(verdict)
    }

    /// The order of calls and results. What was rejected has had no effect, so it does not matter when.
    pub(super) fn hash(&self, digest: &mut Digest) {
        let mut marks: Vec<(u64, RequestId, Option<&str>)> = Vec::new();
        for (id, operation) in &self.operations {
            let Some(operation) = operation else { continue };
            marks.push((operation.called, *id, None));
            if let Some((time, result)) = &operation.returned {
                marks.push((*time, *id, Some(result)));
            }
        }
        marks.sort_unstable_by_key(|(time, ..)| *time);
        for (_, id, result) in marks {
            (id, result).hash(digest);
        }
        digest.write_u8(u8::MAX);
    }
}

/// The operation of a request on the store.
fn words(request: &ClientRequest) -> Option<String> {
    let bytes = match request {
        ClientRequest::Command(command) => &command.bytes,
        ClientRequest::Query(query) => query,
        ClientRequest::Register | ClientRequest::Change(_) | ClientRequest::Transfer(_) => {
            return None;
        }
    };
    Some(String::from_utf8_lossy(bytes).into_owned())
}
