//! What keeps a driver from breaking the node that it drives.

/// What the core does so that a right node stays right. A server has all of them. A test takes one away, to show
/// that the judge finds what happens then (feature `sabotage`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is independent of the others")]
pub struct Protections {
    /// Nothing leaves before everything that the batch has written is durable.
    pub flush_first: bool,
    /// A reply counts only if it echoes the boot number of this life.
    pub boot_numbers: bool,
    /// A server whose disk has failed handles no further event, and lets no effect out.
    pub stop_on_failure: bool,
    /// An election timer fires only after the messages have been handled that had arrived by then.
    pub drain_before_election: bool,
    /// A heartbeat that is due is sent before anything else is done.
    pub heartbeat_first: bool,
    /// A batch has a limit.
    pub limit_batches: bool,
    /// Calls that a later call of the batch makes superfluous are left out.
    pub coalesce: bool,
    /// A client is answered at its deadline.
    pub deadlines: bool,
    /// A request sees those before it on its connection, and none after it.
    pub connection_order: bool,
}

impl Protections {
    /// All of them.
    pub const ALL: Protections = Protections {
        flush_first: true,
        boot_numbers: true,
        stop_on_failure: true,
        drain_before_election: true,
        heartbeat_first: true,
        limit_batches: true,
        coalesce: true,
        deadlines: true,
        connection_order: true,
    };
}
