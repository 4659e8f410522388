//! State Machine Safety where a snapshot stands for entries: a state machine that was put in place is the
//! one that applying the entries gives.
//!
//! A state is looked at only when a server's log is compacted, by a snapshot of its own or a received one,
//! and when a server has applied just as much as one did then. So each snapshot costs one look more.

use protocol::{Bytes, Index, Node, ServerId};

use super::{Breach, Invariants, Property, slot};

/// The state of a state machine, and whose it was when it was seen first.
#[derive(Clone, Debug)]
pub(super) struct State {
    server: ServerId,
    snapshot: Bytes,
}

impl Invariants {
    /// Compares the state of a server's state machine with that of another one at the same place, if
    /// there is an occasion.
    pub(super) fn observe_machine(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        applied_before: Index,
        event: u64,
    ) -> Result<(), Breach> {
        let ((base, _), applied) = (node.base(), node.last_applied());
        let seen = &mut self.seen[slot(id)];
        seen.compacted = seen.compacted.max(base);
        let compacted = std::mem::replace(&mut seen.base, base) != base && base == applied;
        let known = self.states.get(&applied);
        if !compacted && (applied == applied_before || known.is_none()) {
            return Ok(());
        }
        let snapshot = node.machine().snapshot();
        let Some(known) = known else {
            self.states.insert(applied, State { server: id, snapshot });
            return Ok(());
        };
        if known.snapshot == snapshot {
            return Ok(());
        }
        let text = |snapshot: &Bytes| {
            let lines = String::from_utf8_lossy(snapshot).trim_end().replace('\n', ", ");
            if lines.is_empty() { "nothing".to_owned() } else { lines }
        };
        Err(Breach {
            property: Property::StateMachineSafety,
            servers: vec![id, known.server],
            terms: vec![node.current_term()],
            index: Some(applied),
            event,
            what: format!(
                "{id} and {} have both applied the entries up to index {applied}, or have a snapshot in \
                 place of them; but the state machine of {id} holds {}, and that of {} held {}",
                known.server,
                text(&snapshot),
                known.server,
                text(&known.snapshot)
            ),
        })
    }
}
