//! What servers have told others, so that a breach can name the moment.

use protocol::{Index, ServerId, Term};

/// Something that a server has told others, and must know after a crash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Promised {
    pub(super) step: u64,
    pub(super) server: ServerId,
    pub(super) what: Promise,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// It is in this term.
    Term(Term),
    /// It votes for this server in this term.
    Vote(Term, ServerId),
    /// It holds the entries up to this one.
    Log(Index),
}
