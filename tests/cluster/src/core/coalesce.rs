//! Calls of one batch that a later call of the same batch makes superfluous.
//!
//! A leader sends each follower what it needs after every command. The driver handles many commands before
//! anything leaves, so most of these calls say what a later one says again. A network may lose messages, so a
//! driver may leave some out. It never changes one: a node may keep books of its own about what it has sent.

use std::collections::BTreeMap;

use protocol::{CallId, Index, Request, ServerId, Term};

/// A call that waits to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) to: ServerId,
    pub(super) number: CallId,
    pub(super) request: Request,
}

/// What calls must have in common for a later one to replace an earlier one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    /// Entries after the same entry.
    Entries(ServerId, Term, Index, Term),
    /// The same chunk of the same snapshot.
    Chunk(ServerId, Term, Index, u64),
}

impl Topic {
    fn of(call: &Call) -> Option<Self> {
        match &call.request {
            Request::AppendEntries(r) => {
                Some(Topic::Entries(call.to, r.term, r.prev_log_index, r.prev_log_term))
            }
            Request::InstallSnapshot(r) => {
                Some(Topic::Chunk(call.to, r.term, r.last_included_index, r.offset))
            }
            Request::RequestVote(_) | Request::PreVote(_) | Request::TimeoutNow(_) => None,
        }
    }
}

/// How much a call brings, in entries or bytes.
fn amount(request: &Request) -> usize {
    match request {
        Request::AppendEntries(r) => r.entries.len(),
        Request::InstallSnapshot(r) => r.data.len(),
        Request::RequestVote(_) | Request::PreVote(_) | Request::TimeoutNow(_) => 0,
    }
}

/// Which of these calls leave: of those with the same topic, the last, and each that brings more than any after
/// it. The last stays because a read may wait for a reply to it, or to a later call (dissertation §6.4).
pub(super) fn leaving<'a>(calls: impl DoubleEndedIterator<Item = &'a Call>) -> Vec<bool> {
    let mut most: BTreeMap<Topic, usize> = BTreeMap::new();
    let mut leaving: Vec<bool> = calls
        .rev()
        .map(|call| {
            let Some(topic) = Topic::of(call) else { return true };
            let amount = amount(&call.request);
            let leaves = most.get(&topic).is_none_or(|&most| amount > most);
            if leaves {
                most.insert(topic, amount);
            }
            leaves
        })
        .collect();
    leaving.reverse();
    leaving
}

#[cfg(test)]
mod tests {
    use protocol::{AppendEntries, Bytes, Entry, InstallSnapshot, TimeoutNow};

    use super::*;

    fn entries(call: u64, to: u64, term: u64, prev: u64, count: usize) -> Call {
        let request = Request::AppendEntries(AppendEntries {
            term: Term(term),
            leader_id: ServerId(1),
            prev_log_index: Index(prev),
            prev_log_term: Term(1),
            entries: vec![Entry::command(Term(term), "set x 1"); count],
            leader_commit: Index(0),
        });
        Call { to: ServerId(to), number: CallId(call), request }
    }

    fn chunk(call: u64, to: u64, offset: u64) -> Call {
        let request = Request::InstallSnapshot(InstallSnapshot {
            term: Term(1),
            leader_id: ServerId(1),
            last_included_index: Index(9),
            last_included_term: Term(1),
            offset,
            data: Bytes::from_static(b"chunk"),
            done: false,
        });
        Call { to: ServerId(to), number: CallId(call), request }
    }

    fn left(calls: &[Call]) -> Vec<u64> {
        let leaving = leaving(calls.iter());
        calls.iter().zip(leaving).filter(|(_, leaves)| *leaves).map(|(it, _)| it.number.0).collect()
    }

    #[test]
    fn the_last_of_the_same_entries_leaves() {
        let calls = [
            entries(0, 2, 1, 5, 1),
            entries(1, 3, 1, 5, 1),
            entries(2, 2, 1, 5, 2),
            entries(3, 3, 1, 5, 2),
            entries(4, 2, 1, 5, 2),
        ];
        assert_eq!(left(&calls), [3, 4]);
    }

    #[test]
    fn an_earlier_call_with_more_entries_leaves_too() {
        // A heartbeat after entries, from a node that sends none along.
        let calls = [entries(0, 2, 1, 5, 1), entries(1, 2, 1, 5, 3), entries(2, 2, 1, 5, 0)];
        assert_eq!(left(&calls), [1, 2]);
    }

    #[test]
    fn other_terms_and_places_are_other_calls() {
        let calls = [
            entries(0, 2, 1, 5, 1),
            entries(1, 2, 2, 5, 1),
            entries(2, 2, 2, 6, 1),
            Call {
                to: ServerId(2),
                number: CallId(3),
                request: Request::TimeoutNow(TimeoutNow { term: Term(2), leader_id: ServerId(1) }),
            },
        ];
        assert_eq!(left(&calls), [0, 1, 2, 3]);
    }

    #[test]
    fn a_chunk_of_a_snapshot_leaves_once() {
        let calls =
            [chunk(0, 2, 0), chunk(1, 2, 0), chunk(2, 3, 0), chunk(3, 2, 5), chunk(4, 2, 0)];
        assert_eq!(left(&calls), [2, 3, 4]);
    }
}
