//! The requests that wait for replies.
//!
//! A reply travels without the request that it answers, and the node needs both. So the driver keeps each
//! request until its reply comes. Lost ones would stay forever: the oldest are forgotten. A node that hears no
//! reply asks again, as it does for any message that is lost.

use std::collections::BTreeMap;

use protocol::{CallId, Request, ServerId};

use crate::wire::weight;

/// How much is kept for each peer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    /// Requests.
    pub(super) requests: usize,
    /// Bytes, roughly.
    pub(super) bytes: usize,
}

/// The requests that wait for replies, by peer.
#[derive(Debug)]
pub(super) struct Pending {
    bounds: Bounds,
    peers: BTreeMap<ServerId, Calls>,
}

/// The requests that wait for a reply of one peer. Calls are numbered in order, so the first is the oldest.
#[derive(Debug, Default)]
struct Calls {
    requests: BTreeMap<CallId, Request>,
    bytes: usize,
}

impl Pending {
    pub(super) fn new(bounds: Bounds) -> Self {
        Pending { bounds, peers: BTreeMap::new() }
    }

    /// Keeps a request that is being sent.
    pub(super) fn keep(&mut self, to: ServerId, call: CallId, request: Request) {
        let Bounds { requests, bytes } = self.bounds;
        let calls = self.peers.entry(to).or_default();
        calls.bytes += weight(&request);
        if let Some(before) = calls.requests.insert(call, request) {
            calls.bytes -= weight(&before);
        }
        // The newest always stays, however large it is.
        while calls.requests.len() > requests.max(1)
            || (calls.bytes > bytes && calls.requests.len() > 1)
        {
            let Some((_, oldest)) = calls.requests.pop_first() else { break };
            calls.bytes -= weight(&oldest);
        }
    }

    /// The request that a reply answers. Any further reply to the call is a duplicate.
    pub(super) fn take(&mut self, from: ServerId, call: CallId) -> Option<Request> {
        let calls = self.peers.get_mut(&from)?;
        let request = calls.requests.remove(&call)?;
        calls.bytes -= weight(&request);
        Some(request)
    }

    /// How many requests wait for a reply of `peer`, and roughly how many bytes they take.
    pub(super) fn size(&self, peer: ServerId) -> (usize, usize) {
        self.peers.get(&peer).map_or((0, 0), |calls| (calls.requests.len(), calls.bytes))
    }
}

#[cfg(test)]
mod tests {
    use protocol::{Bytes, Index, InstallSnapshot, Term, TimeoutNow};

    use super::*;

    const S2: ServerId = ServerId(2);

    fn small() -> Request {
        Request::TimeoutNow(TimeoutNow { term: Term(1), leader_id: ServerId(1) })
    }

    fn chunk(bytes: usize) -> Request {
        Request::InstallSnapshot(InstallSnapshot {
            term: Term(1),
            leader_id: ServerId(1),
            last_included_index: Index(1),
            last_included_term: Term(1),
            offset: 0,
            data: Bytes::from(vec![0; bytes]),
            done: false,
        })
    }

    #[test]
    fn a_reply_takes_its_request_once() {
        let mut pending = Pending::new(Bounds { requests: 8, bytes: 10_000 });
        pending.keep(S2, CallId(3), small());
        assert_eq!(pending.take(ServerId(3), CallId(3)), None);
        assert_eq!(pending.take(S2, CallId(3)), Some(small()));
        assert_eq!(pending.take(S2, CallId(3)), None);
        assert_eq!(pending.size(S2), (0, 0));
    }

    #[test]
    fn the_oldest_are_forgotten() {
        let mut pending = Pending::new(Bounds { requests: 8, bytes: 10_000 });
        (0..1_000).for_each(|call| pending.keep(S2, CallId(call), small()));
        assert_eq!(pending.size(S2).0, 8);
        assert_eq!(pending.take(S2, CallId(991)), None);
        assert!(pending.take(S2, CallId(992)).is_some());
    }

    #[test]
    fn bytes_are_bounded_too() {
        let mut pending = Pending::new(Bounds { requests: 1_000, bytes: 10_000 });
        (0..100).for_each(|call| pending.keep(S2, CallId(call), chunk(3_000)));
        assert_eq!(pending.size(S2).0, 3);
        pending.keep(S2, CallId(100), chunk(50_000));
        assert_eq!(pending.size(S2).0, 1, "the newest stays, whatever its size");
    }
}
