//! What servers without a log have in common, for tests of the worlds and of what is built on them.

/// The part of an `impl Node` that is about the log, for a test's server that keeps none: nothing is in it, committed,
/// or applied. The server has a configuration in `members` and an empty state machine in `machine`.
#[macro_export]
macro_rules! without_log {
    () => {
        fn base(&self) -> (::protocol::Index, ::protocol::Term) {
            (::protocol::Index(0), ::protocol::Term(0))
        }
        fn last_index(&self) -> ::protocol::Index {
            ::protocol::Index(0)
        }
        fn entry(&self, _index: ::protocol::Index) -> Option<&::protocol::Entry> {
            None
        }
        fn commit_index(&self) -> ::protocol::Index {
            ::protocol::Index(0)
        }
        fn last_applied(&self) -> ::protocol::Index {
            ::protocol::Index(0)
        }
        fn members(&self) -> &::protocol::Members {
            &self.members
        }
        fn machine(&self) -> &dyn ::protocol::StateMachine {
            &self.machine
        }
    };
}
