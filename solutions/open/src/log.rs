//! The log and its sentinel.

use protocol::{Conflict, Entry, Index, Members, Payload, Term};
use serde::{Deserialize, Serialize};

/// The entries that are not compacted, behind a sentinel.
///
/// The sentinel takes the place of the last entry that is gone: index and term of the end of a snapshot (§7), or
/// (0, 0) while nothing is compacted. So every entry has a predecessor whose term is known, and the
/// consistency check needs no special case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    /// The index of the sentinel.
    base: Index,
    /// The sentinel, and the entries that follow it.
    entries: Vec<Entry>,
}

impl Log {
    /// The log that begins after an entry of this index and term.
    #[must_use]
    pub fn after(base: Index, term: Term, entries: impl IntoIterator<Item = Entry>) -> Self {
        let sentinel = Entry { term, payload: Payload::NoOp };
        Log { base, entries: std::iter::once(sentinel).chain(entries).collect() }
    }

    /// Index and term of the sentinel.
    pub fn base(&self) -> (Index, Term) {
        (self.base, self.entries[0].term)
    }

    /// Index and term of the last entry, or of the sentinel.
    pub fn last(&self) -> (Index, Term) {
        let place = self.entries.len() - 1;
        (self.base.plus(place), self.entries[place].term)
    }

    /// The entry at `index`; the sentinel is none.
    pub fn entry(&self, index: Index) -> Option<&Entry> {
        self.entries.get(self.place(index).filter(|&place| place > 0)?)
    }

    /// The term at `index`, the sentinel's included.
    pub fn term(&self, index: Index) -> Option<Term> {
        Some(self.entries.get(self.place(index)?)?.term)
    }

    /// At most `most` entries, from `first` on. `first` must come after the sentinel.
    pub fn from(&self, first: Index, most: usize) -> &[Entry] {
        let tail =
            self.place(first).and_then(|place| self.entries.get(place..)).unwrap_or_default();
        &tail[..most.min(tail.len())]
    }

    /// The entries of one RPC, from `first` on: at most `most`, whose commands have at most `bytes`. The first one
    /// may be larger.
    pub fn batch(&self, first: Index, most: usize, bytes: usize) -> &[Entry] {
        let entries = self.from(first, most);
        let mut total = 0;
        let fit = entries.iter().take_while(|entry| {
            total += entry.bytes();
            total <= bytes
        });
        let count = fit.count().max(1).min(entries.len());
        &entries[..count]
    }

    /// The entry before the last ones up to `last`: at most `most`, whose commands have at most `bytes`.
    pub fn tail(&self, last: Index, most: usize, bytes: usize) -> Index {
        let mut total = 0;
        let shortest = Index(last.0.saturating_sub(most as u64));
        let kept = shortest.next().through(last).rev().take_while(|&index| {
            total += self.entry(index).map_or(0, Entry::bytes);
            total <= bytes
        });
        kept.last().map_or(last, Index::prev)
    }

    /// Whether this log agrees with another at an entry of this index and term (§5.3). Everything up to the
    /// sentinel is committed, so every leader's log agrees there.
    pub fn agrees(&self, index: Index, term: Term) -> bool {
        index < self.base || self.term(index) == Some(term)
    }

    /// How many of these entries, which follow `prev`, the log holds already (Figure 2, AppendEntries, step 3).
    pub fn held(&self, prev: Index, entries: &[Entry]) -> usize {
        let indices = (prev.0 + 1..).map(Index);
        entries
            .iter()
            .zip(indices)
            .take_while(|(entry, index)| self.agrees(*index, entry.term))
            .count()
    }

    /// Replaces everything that follows `prev` (Figure 2, AppendEntries, steps 3 and 4).
    pub fn replace_after(&mut self, prev: Index, entries: &[Entry]) {
        let place =
            self.place(prev).expect("what is compacted is not replaced: it is committed (§7)");
        self.entries.truncate(place + 1);
        self.entries.extend_from_slice(entries);
    }

    /// Adds an entry at the end, and returns its index.
    pub fn push(&mut self, entry: Entry) -> Index {
        self.entries.push(entry);
        self.last().0
    }

    /// Moves the sentinel to an entry of this index and term. What follows that entry stays if the log holds
    /// it; otherwise the whole log goes (Figure 13, steps 6 and 7).
    pub fn compact(&mut self, base: Index, term: Term) {
        let rest =
            if self.term(base) == Some(term) { self.from(base.next(), usize::MAX) } else { &[] };
        *self = Log::after(base, term, rest.to_vec());
    }

    /// The latest configuration among the entries up to `last` (§6), and its index.
    pub fn members(&self, last: Index) -> Option<(Index, &Members)> {
        self.base.next().through(last).rev().find_map(|index| match &self.entry(index)?.payload {
            Payload::Members(members) => Some((index, members)),
            Payload::Command(_) | Payload::NoOp | Payload::Register => None,
        })
    }

    /// The term at `prev` and where it begins, or where the log ends if it ends before (§5.3, at the end).
    pub fn conflict(&self, prev: Index) -> Conflict {
        let Some(term) = self.term(prev) else {
            return Conflict { term: None, first_index: self.last().0.next() };
        };
        let of_term =
            self.base.next().through(prev).rev().take_while(|&it| self.term(it) == Some(term));
        Conflict { term: Some(term), first_index: of_term.last().unwrap_or(prev) }
    }

    /// Where a leader with this log goes on after a rejection with this hint: after its own last entry of the
    /// conflicting term, or where the follower's entries of that term begin.
    pub fn next_after(&self, hint: Conflict, prev: Index) -> Index {
        let mut shared = hint.first_index.through(prev).rev();
        let shared = shared.find(|&it| hint.term.is_some() && self.term(it) == hint.term);
        shared.map_or(hint.first_index, Index::next)
    }

    /// Where `index` is in `entries`; `None` for what is compacted.
    fn place(&self, index: Index) -> Option<usize> {
        usize::try_from(index.0.checked_sub(self.base.0)?).ok()
    }
}

impl Default for Log {
    fn default() -> Self {
        Log::after(Index(0), Term(0), [])
    }
}
