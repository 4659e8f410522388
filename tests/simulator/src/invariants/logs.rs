//! Log Matching and Leader Append-Only.
//!
//! Two logs that have an entry with the same index and term must be the same up to there. That is true of all
//! logs if it is true of each step: for each index and term there is one entry, and one term of the entry
//! before it. So it is enough to keep these, and to compare each new entry once.

use std::rc::Rc;

use protocol::{Entry, Index, Node, Payload, RoleName, ServerId};

use super::breach::{Breach, Property};
use super::history::{Invariants, KnownEntry};
use super::seen::{ObservedServer, position, slot};

impl Invariants {
    /// Brings what was seen of a log up to date. Returns the first index that has changed.
    pub(super) fn observe_log(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
        touched: Option<(Index, Index)>,
    ) -> Result<Option<Index>, Breach> {
        let last = node.last_index();
        let Some(first) = self.first_change(id, node, last, touched) else { return Ok(None) };
        self.leader_only_appends(id, node, first, event)?;
        self.committed_stays(id, first, event)?;
        Rc::make_mut(&mut self.seen[slot(id)].log).truncate(position(first));
        for index in (first.0..=last.0).map(Index) {
            if index <= node.base().0 {
                let entry = self.replaced(node, index);
                self.push(id, entry);
                continue;
            }
            let Some(entry) = node.entry(index).cloned() else { break };
            self.matches(id, index, &entry, event)?;
            self.push(id, entry);
        }
        Ok(Some(first))
    }

    fn push(&mut self, id: ServerId, entry: Entry) {
        Rc::make_mut(&mut self.seen[slot(id)].log).push(entry);
    }

    /// The first index at which a log differs from what was seen of it.
    fn first_change(
        &mut self,
        id: ServerId,
        node: &dyn Node,
        last: Index,
        touched: Option<(Index, Index)>,
    ) -> Option<Index> {
        let seen = &self.seen[slot(id)];
        let seen_last = seen.last_index();
        let (base, base_term) = node.base();
        if seen.term_at(base) != Some(base_term) {
            return Some(self.first_replaced(seen, base));
        }
        let common = last.min(seen_last);
        let same = |index: Index| index <= base || same_entry(node.entry(index), seen.entry(index));
        // An append leaves the previous end as it is. A truncation is found by walking back from the end, which
        // costs no more than the event did.
        let mut first = common.next();
        if last != seen_last || (common > Index(0) && !same(common)) {
            while first > Index(1) && !same(first.prev()) {
                first = first.prev();
            }
        }
        if let Some((from, to)) = touched {
            let touched = (from.0..=to.0.min(first.0 - 1)).map(Index);
            first = touched.into_iter().find(|&index| !same(index)).unwrap_or(first);
        }
        // The audit: one entry in turn, so that all have been compared after as many events as the log has entries.
        if common > Index(0) {
            let audited = Index(seen.audit % common.0 + 1);
            if audited < first && !same(audited) {
                first = audited;
            }
            self.seen[slot(id)].audit = audited.0;
        }
        (first <= last.max(seen_last)).then_some(first)
    }

    fn leader_only_appends(
        &self,
        id: ServerId,
        node: &dyn Node,
        first: Index,
        event: u64,
    ) -> Result<(), Breach> {
        let seen = self.seen(id);
        let leads_on = node.role() == RoleName::Leader && seen.leads() == Some(node.current_term());
        if !leads_on || first > seen.last_index() {
            return Ok(());
        }
        let what = match node.entry(first) {
            Some(entry) => format!("put an entry of term {} in its place", entry.term),
            None => "removed it".to_owned(),
        };
        Err(Breach {
            property: Property::LeaderAppendOnly,
            servers: vec![id],
            terms: vec![seen.current_term],
            index: Some(first),
            event,
            what: format!(
                "{id} leads term {} and held an entry at index {first}, but {what}",
                seen.current_term
            ),
        })
    }

    fn committed_stays(&self, id: ServerId, first: Index, event: u64) -> Result<(), Breach> {
        let seen = self.seen(id);
        if first > seen.commit_index {
            return Ok(());
        }
        Err(Breach {
            property: Property::CommittedStays,
            servers: vec![id],
            terms: seen.term_at(first).into_iter().collect(),
            index: Some(first),
            event,
            what: format!(
                "{id} knew the entries up to index {} to be committed, but removed the one at index \
                 {first}",
                seen.commit_index
            ),
        })
    }

    /// The first index at which a snapshot differs from what was seen of a log, or goes beyond it. Below its end,
    /// a snapshot takes the place of what was committed.
    fn first_replaced(&self, seen: &ObservedServer, base: Index) -> Index {
        let agrees = |index: Index| {
            let committed = self.committed_at(index);
            committed.is_none_or(|committed| seen.term_at(index) == Some(committed.entry_term))
        };
        let mut first = base.min(seen.last_index().next());
        while first > Index(1) && !agrees(first.prev()) {
            first = first.prev();
        }
        first
    }

    /// The entry that a snapshot has replaced, as it was seen elsewhere. An entry that was appended, committed
    /// and compacted within one event was never seen: then only its term is known.
    fn replaced(&self, node: &dyn Node, index: Index) -> Entry {
        let (base, base_term) = node.base();
        let committed = self.committed_at(index).filter(|_| index < base);
        let term = committed.map_or(base_term, |committed| committed.entry_term);
        let known = self.known.get(position(index)).into_iter().flatten();
        let known = known.map(|known| &known.entry).find(|entry| entry.term == term);
        known.cloned().unwrap_or(Entry { term, payload: Payload::NoOp })
    }

    /// Checks that only applied entries are compacted, and that a snapshot ends with the entry that was
    /// committed there.
    pub(super) fn observe_base(
        &self,
        id: ServerId,
        node: &dyn Node,
        event: u64,
    ) -> Result<(), Breach> {
        let (base, base_term) = node.base();
        let breach = |property, what| Breach {
            property,
            servers: vec![id],
            terms: vec![base_term],
            index: Some(base),
            event,
            what,
        };
        let applied = node.last_applied();
        if base > applied {
            let what = format!(
                "{id} has compacted its log up to index {base}, but applied only up to {applied}"
            );
            return Err(breach(Property::CompactedIsApplied, what));
        }
        match self.committed_at(base) {
            Some(committed) if committed.entry_term != base_term => {
                let what = format!(
                    "{id} has a snapshot that ends with an entry of term {base_term} at index {base}, \
                     where {} committed an entry of term {}",
                    committed.server, committed.entry_term
                );
                Err(breach(Property::StateMachineSafety, what))
            }
            _ => Ok(()),
        }
    }

    /// Compares a new entry of a log with the one that is known for its index and term.
    fn matches(
        &mut self,
        id: ServerId,
        index: Index,
        entry: &Entry,
        event: u64,
    ) -> Result<(), Breach> {
        let before = self.seen(id).term_at(index.prev()).unwrap_or_default();
        let place = position(index);
        let known = self.known.get(place).into_iter().flatten();
        let Some(other) = known.into_iter().find(|other| other.entry.term == entry.term) else {
            let known = Rc::make_mut(&mut self.known);
            if known.len() <= place {
                known.resize_with(place + 1, Vec::new);
            }
            known[place].push(KnownEntry { entry: entry.clone(), before, server: id });
            return Ok(());
        };
        let differ = if !same_payload(&other.entry.payload, &entry.payload) {
            "with different contents".to_owned()
        } else if other.before != before {
            format!(
                "after different entries: once after one of term {}, once after one of term {before}",
                other.before
            )
        } else {
            return Ok(());
        };
        Err(Breach {
            property: Property::LogMatching,
            servers: vec![id, other.server],
            terms: vec![entry.term],
            index: Some(index),
            event,
            what: if other.server == id {
                let term = entry.term;
                format!("{id} has held two entries of term {term} at index {index}, {differ}")
            } else {
                format!(
                    "{id} and {} have both held an entry of term {} at index {index}, {differ}",
                    other.server, entry.term
                )
            },
        })
    }
}

fn same_entry(one: Option<&Entry>, other: Option<&Entry>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => {
            one.term == other.term && same_payload(&one.payload, &other.payload)
        }
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Copies of an entry share the bytes of its command, so equal pointers usually save the comparison.
fn same_payload(one: &Payload, other: &Payload) -> bool {
    match (one, other) {
        (Payload::Command(one), Payload::Command(other)) => {
            let share = one.bytes.as_ptr() == other.bytes.as_ptr();
            let bytes = (share && one.bytes.len() == other.bytes.len()) || one.bytes == other.bytes;
            bytes && one.session == other.session
        }
        _ => one == other,
    }
}
