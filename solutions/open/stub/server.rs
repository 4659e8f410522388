//! Your server.
//!
//! Nothing is hidden: the judge knows a server as `dyn Node` and looks at it after every event. The methods below say
//! what it relies on beyond Figure 2.

use std::io;

use protocol::{
    Effect, Entry, Event, Index, Members, Node, RoleName, ServerId, Setup, StateMachine, Term,
};

use crate::Features;

/// A Raft server.
///
/// Figure 2's box "State" says what it consists of: what it keeps on stable storage, what every server has, and what
/// only a leader has. The paper leaves out what it takes for granted: a server's name, the other servers, the limits in
/// `setup.config`, its random generator, the votes that a candidate has received.
///
/// `Debug` must print everything that its behaviour depends on, except the random generator: explorations tell two
/// states apart by what is printed.
#[derive(Debug)]
pub struct Server {}

impl Server {
    /// A server that has not heard of anything. `setup.disk` may hold what an earlier one has written; it is read
    /// when the server is started. Everything random comes from `setup.seed` and from nothing else.
    pub fn new(setup: Setup, features: Features) -> Self {
        todo!("exercise open.1")
    }
}

impl Node for Server {
    /// Handles one event, and returns what must be done, in this order:
    ///
    /// - **`Start`** is the first event. From then on the server waits for a leader, so its election timer must be
    ///   armed: for a time from `config.election_timeout` (from its start up to, and not including, its end), drawn
    ///   each time that the timer is armed.
    /// - **`Timeout`**: a timer fires once. `SetTimer` arms it again, and replaces a time that is still running. A
    ///   timer that is no longer needed cannot be cancelled, so it may fire at any time.
    /// - **`Request`** is answered by one `Answer` while it is handled, with the `call` that it came with. What a
    ///   milestone does not ask for yet is answered all the same, and changes nothing: a vote that is not granted, zero
    ///   bytes `stored`, and so on.
    /// - **`Reply`** comes with the request that it answers. Requests and replies can be lost, delayed, duplicated and
    ///   overtaken by others.
    /// - **`Client`** is answered by one `Effect::Client`, now or later. `NotLeader` and `Refused` say that nothing was
    ///   done and never will be. `Unknown` says that nobody can tell. Before milestone 2, `Refused` is right for
    ///   everything. `Command` is asked for from milestone 2 on, `Change` in milestone 6, `Query` and `Transfer` in
    ///   milestones 8 and 10.
    ///
    /// # Errors
    /// If the disk failed. None of the effects is then carried out, and the server is not used any more.
    fn handle(&mut self, event: Event) -> io::Result<Vec<Effect>> {
        todo!("exercise open.1")
    }

    /// The role, as Figure 4 names it.
    fn role(&self) -> RoleName {
        todo!("exercise open.1")
    }

    /// Figure 2: currentTerm.
    fn current_term(&self) -> Term {
        todo!("exercise open.1")
    }

    /// Figure 2: votedFor, in the current term. A candidate has voted for itself.
    fn voted_for(&self) -> Option<ServerId> {
        todo!("exercise open.1")
    }

    /// Index and term of the last entry that was compacted away (§7). `(0, 0)` before milestone 5.
    fn base(&self) -> (Index, Term) {
        (Index(0), Term(0))
    }

    /// The index of the last entry of the log; that of `base` if there is none. The first entry has index 1.
    fn last_index(&self) -> Index {
        todo!("exercise open.1")
    }

    /// The entry at this index; `None` up to the base, and beyond the end.
    fn entry(&self, index: Index) -> Option<&Entry> {
        todo!("exercise open.1")
    }

    /// Figure 2: commitIndex.
    fn commit_index(&self) -> Index {
        todo!("exercise open.1")
    }

    /// Figure 2: lastApplied. After each event, everything that is committed is applied to the machine.
    fn last_applied(&self) -> Index {
        todo!("exercise open.1")
    }

    /// The configuration that the server goes by: `setup.members` before milestone 6, and from then on the latest one
    /// in its log, committed or not (§6).
    fn members(&self) -> &Members {
        todo!("exercise open.1")
    }

    /// The state machine of `setup`. `apply` must be called for the command of each entry once, in the order of the log.
    fn machine(&self) -> &dyn StateMachine {
        todo!("exercise open.1")
    }
}
