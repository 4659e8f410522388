//! State Machine Safety where a snapshot takes the place of entries: the state that it restores must be the
//! state that applying the entries produces.
//!
//! The larger a state is, the longer it takes to read it. So it is read only when a server's log is compacted, by its
//! own snapshot or a received one, and when another server has applied exactly as much as that one had.

use std::rc::Rc;

use protocol::{Bytes, Index, Node, ServerId};

use super::breach::{Breach, Property};
use super::history::{Invariants, MachineState};
use super::seen::slot;

impl Invariants {
    /// Compares the state of a server's state machine with that of another server at the same index, if a
    /// snapshot has made one known.
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
            let states = Rc::make_mut(&mut self.states);
            states.insert(applied, MachineState { server: id, snapshot });
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
