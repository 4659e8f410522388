//! State Machine Safety, and the part of Leader Completeness that a commitment can break.

use std::rc::Rc;

use protocol::{Index, Node, ServerId, Term};

use super::breach::{Breach, Property};
use super::history::{CommittedEntry, Invariants};
use super::seen::slot;

impl Invariants {
    /// Brings commit index and last applied index up to date. Returns whether one has changed.
    pub(super) fn observe_commit(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<bool, Breach> {
        let (commit, applied) = (node.commit_index(), node.last_applied());
        let seen = &self.seen[slot(id)];
        let (old_commit, old_applied) = (seen.commit_index, seen.last_applied);
        if commit == old_commit && applied == old_applied {
            return Ok(false);
        }
        let breach = |property, index, what| Breach {
            property,
            servers: vec![id],
            terms: vec![node.current_term()],
            index: Some(index),
            event,
            what,
        };
        if commit < old_commit {
            let what = format!("{id} had committed up to index {old_commit}, now only {commit}");
            return Err(breach(Property::CommitNeverFalls, commit, what));
        }
        if applied < old_applied {
            let what = format!("{id} had applied up to index {old_applied}, now only {applied}");
            return Err(breach(Property::AppliedNeverFalls, applied, what));
        }
        if commit > node.last_index() {
            let last = node.last_index();
            let what =
                format!("{id} has committed up to index {commit}, but its log ends at {last}");
            return Err(breach(Property::AppliedIsCommitted, commit, what));
        }
        if applied > commit {
            let what = format!("{id} has applied index {applied}, but committed only {commit}");
            return Err(breach(Property::AppliedIsCommitted, applied, what));
        }
        for index in (old_commit.0 + 1..=commit.0).map(Index) {
            self.commits(id, index, node.current_term(), event)?;
        }
        let seen = &mut self.seen[slot(id)];
        seen.commit_index = commit;
        seen.last_applied = applied;
        if commit > old_commit {
            self.later_leaders_hold(commit, event)?;
        }
        Ok(true)
    }

    /// A server in `term` has committed its entry at `index`.
    fn commits(
        &mut self,
        id: ServerId,
        index: Index,
        term: Term,
        event: u64,
    ) -> Result<(), Breach> {
        let entry_term = self.seen(id).term_at(index).unwrap_or_default();
        let Some(other) = self.committed_at(index) else {
            let committed = CommittedEntry { entry_term, commit_term: term, server: id };
            Rc::make_mut(&mut self.committed).push(committed);
            return Ok(());
        };
        if other.entry_term == entry_term {
            return Ok(());
        }
        Err(Breach {
            property: Property::StateMachineSafety,
            servers: vec![id, other.server],
            terms: vec![entry_term, other.entry_term],
            index: Some(index),
            event,
            what: format!(
                "at index {index}, {id} committed an entry of term {entry_term}, but {} an entry of \
                 term {}",
                other.server, other.entry_term
            ),
        })
    }

    /// A leader of an older term may still commit, long after a later leader was elected: that leader must
    /// hold the entry too.
    fn later_leaders_hold(&self, index: Index, event: u64) -> Result<(), Breach> {
        let Some(committed) = self.committed_at(index) else { return Ok(()) };
        self.seen
            .iter()
            .filter(|seen| seen.leads().is_some_and(|term| term > committed.commit_term))
            .try_for_each(|leader| self.is_complete(leader, index, event))
    }
}
