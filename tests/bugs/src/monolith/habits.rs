//! What right servers may do in one way or another.

/// How a server goes about what the paper leaves open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit, and any may go with any other")]
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
    /// What it says with a refusal for the logs (§5.3, at the end).
    pub hints: Hints,
    /// When a leader calls a follower that has not answered yet.
    pub calls: Calls,
    /// A call carries one entry at most.
    pub one_entry: bool,
    /// After an answer, a leader sends nothing before its next heartbeat.
    pub waits: bool,
    /// A leader tells the others at once how far it has committed.
    pub announces: bool,
    /// What a leader does about a read before it has committed in its own term.
    pub reads: Reads,
    /// What it does wrong, so that one sees who notices.
    pub mistake: Option<Mistake>,
}

/// What a server of this shape may do wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// It is patient with the leader of an older term.
    HearsOldLeaders,
    /// It is patient with whoever asks for its vote.
    HearsCandidates,
}

/// What a follower says of its log when it refuses a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Hints {
    /// Nothing.
    #[default]
    None,
    /// Where its log ends.
    Length,
    /// The term that conflicts, and where that begins.
    Term,
}

/// When a leader calls a follower.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Calls {
    /// Whenever there is something to send; the same again as long as it is not answered.
    #[default]
    AtOnce,
    /// Not before the last call was answered, or the next heartbeat is due.
    OneAtATime,
    /// Whenever there is something to send; with each call, what comes after the last.
    Pipelined,
}

/// What a leader does about a read before it has committed in its own term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reads {
    /// It refuses.
    #[default]
    Refuse,
    /// It waits until it has.
    Wait,
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
