//! Numbers that must not be mixed up: each has a type of its own, so that adding an index to a term
//! does not compile.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&format!(concat!($prefix, "{}"), self.0))
            }
        }
    };
}

number! {
    /// A server of the cluster. Servers are counted from 1 and written S1, S2, … as in the paper.
    ServerId, "S"
}

number! {
    /// A term (§5.1): Raft's logical clock. Every term has at most one leader. Term 0 is the time
    /// before the first election.
    Term, ""
}

number! {
    /// A place in the log (§5.3). The first entry has index 1; index 0 stands for "before the first
    /// entry", and the term there is 0.
    Index, ""
}

number! {
    /// The number that a caller gives to one of its calls. It means something to the caller alone.
    CallId, "call "
}

number! {
    /// One request of a client to one server. The server's answer carries the same number.
    RequestId, "c"
}

number! {
    /// A client that has registered, and so has a session: the index of the entry that registered it
    /// (dissertation §6.3). Module 4, bonus.
    ClientId, "client "
}

impl Term {
    /// The term after this one: that of a server that starts an election (§5.2).
    #[must_use]
    pub fn next(self) -> Term {
        Term(self.0 + 1)
    }
}

impl Index {
    /// The place after this one.
    #[must_use]
    pub fn next(self) -> Index {
        Index(self.0 + 1)
    }

    /// The place before this one; 0 stays 0.
    #[must_use]
    pub fn prev(self) -> Index {
        Index(self.0.saturating_sub(1))
    }

    /// The place `count` entries after this one; the greatest index if that is too far.
    #[must_use]
    pub fn plus(self, count: usize) -> Index {
        Index(self.0.saturating_add(count as u64))
    }

    /// The places from this one up to and including `last`, in order. Empty if `last` comes before.
    pub fn through(self, last: Index) -> impl DoubleEndedIterator<Item = Index> {
        (self.0..=last.0).map(Index)
    }
}

impl CallId {
    /// The number of the next call.
    #[must_use]
    pub fn next(self) -> CallId {
        CallId(self.0 + 1)
    }
}
