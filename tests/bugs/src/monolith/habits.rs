//! What right servers may do in one way or another.

/// How a server goes about what the paper leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Habits {
    /// In which order it calls the others.
    pub order: Order,
    /// What a candidate does that cannot win any more.
    pub losers: Losers,
    /// How it tells a stale answer.
    pub stale: Stale,
    /// How it resets its election timer.
    pub patience: Patience,
    /// A candidate asks again, before its timer runs out, whoever has not answered (§5.1: "Servers
    /// retry RPCs if they do not receive a response in a timely manner").
    pub retries: bool,
    /// A leader answers a vote that comes late with a heartbeat at once.
    pub greets: bool,
    /// A heartbeat goes out twice.
    pub repeats: bool,
}

/// The order of calls that go out together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// From S1 on.
    #[default]
    Forwards,
    /// From the last server on.
    Backwards,
    /// Another one each time.
    Shuffled,
}

/// What a candidate does that a majority has refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Losers {
    /// It stays a candidate until its timer runs out.
    #[default]
    StayCandidates,
    /// It waits as a follower.
    Follow,
}

/// How a stale answer is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stale {
    /// The request was of an older term.
    #[default]
    ByTerm,
    /// The call was made before the current term began.
    ByCall,
}

/// How the election timer is reset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Patience {
    /// It is armed anew each time.
    #[default]
    Eager,
    /// It is armed anew each time, for a whole number of milliseconds in the upper half of the range.
    Long,
    /// It is left to run out; if a leader was heard by then, it is armed anew. So "the timer has run
    /// out" does not mean that the election timeout has elapsed: scenarios, which fire timers, do not
    /// fit such a server; properties do.
    Lazy,
}
