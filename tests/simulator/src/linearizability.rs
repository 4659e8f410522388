//! Whether what clients saw could have come from one copy of the key-value store (§8).
//!
//! A history is linearizable if each operation can be assigned one instant between its call and its return
//! such that all operations, executed in that order on a single store, return what the clients saw. An
//! operation that was never answered may have happened at any time after its call, or not at all.
//!
//! The search is Wing and Gong's, with Lowe's memoisation: a set of operations that are done, together with the
//! state that they left, is tried once. Each command of [`KeyValue`](protocol::KeyValue) concerns one key, so
//! each key is searched on its own. The search is exponential in the worst case, so it has a limit. It counts
//! steps and not time: then "unknown" is the answer on every machine. Registers with unique values need no
//! search ([`registers`]).

mod operation;
mod registers;
mod search;

use std::collections::BTreeMap;
use std::fmt;

pub use operation::Operation;
pub use registers::{Access, Contradiction, RegisterOperation, registers};
use search::search;

/// The verdict on a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linearizability {
    /// There is an order that explains everything.
    Linearizable,
    /// There is no order that explains the operations on this key.
    Violated {
        /// The key that they concern.
        key: String,
        /// The shortest prefix of the key's history that cannot be explained, in the order of calls.
        operations: Vec<Operation>,
    },
    /// The search has reached its limit.
    Unknown {
        /// The key that was searched.
        key: String,
    },
}

impl fmt::Display for Linearizability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Linearizability::Linearizable => f.write_str("linearizable"),
            Linearizability::Unknown { key } => {
                write!(f, "unknown: the search for key {key} took too long")
            }
            Linearizability::Violated { key, operations } => {
                write!(f, "no order of the operations on key {key} explains their results:")?;
                operations.iter().try_for_each(|operation| {
                    let Operation { command, called, returned } = operation;
                    match returned {
                        Some((time, result)) => {
                            write!(f, "\n  {called}–{time}: {command} → {result}")
                        }
                        None => write!(f, "\n  {called}–   : {command} → never answered"),
                    }
                })
            }
        }
    }
}

/// Searches for an order that explains a history, with at most `limit` steps for each key.
pub fn linearizability(history: &[Operation], limit: u64) -> Linearizability {
    linearizability_by(history, limit, |seen, result| seen == result)
}

/// The same for clients that do not see complete results: `explains` says whether a client can have seen this where
/// the store returned that result.
pub fn linearizability_by(
    history: &[Operation],
    limit: u64,
    explains: fn(seen: &str, result: &str) -> bool,
) -> Linearizability {
    let mut keys: BTreeMap<&str, Vec<&Operation>> = BTreeMap::new();
    for operation in history {
        let key = operation.command.split(' ').nth(1).unwrap_or_default();
        keys.entry(key).or_default().push(operation);
    }
    for (key, mut operations) in keys {
        operations.sort_by_key(|operation| operation.called);
        match search(&operations, limit, explains) {
            Some(true) => {}
            None => return Linearizability::Unknown { key: key.to_owned() },
            Some(false) => return violated(key, &operations, limit, explains),
        }
    }
    Linearizability::Linearizable
}

/// The shortest prefix of a history that cannot be explained. A prefix ends with some return, and what had
/// not returned by then counts as never answered.
fn violated(
    key: &str,
    operations: &[&Operation],
    limit: u64,
    explains: fn(&str, &str) -> bool,
) -> Linearizability {
    let mut ends: Vec<u64> =
        operations.iter().filter_map(|o| o.returned.as_ref().map(|(time, _)| *time)).collect();
    ends.sort_unstable();
    let until = |end: u64| -> Vec<Operation> {
        let begun = operations.iter().filter(|operation| operation.called <= end);
        begun
            .map(|&operation| {
                let returned = operation.returned.clone().filter(|(time, _)| *time <= end);
                Operation { returned, ..operation.clone() }
            })
            .collect()
    };
    let unexplained =
        |&end: &u64| search(&until(end).iter().collect::<Vec<_>>(), limit, explains) == Some(false);
    // Binary search: if a prefix cannot be explained, no longer one can.
    let first = ends.partition_point(|end| !unexplained(end));
    let operations = until(ends.get(first).copied().unwrap_or(u64::MAX));
    Linearizability::Violated { key: key.to_owned(), operations }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: u64 = 100_000;

    fn did(called: u64, returned: u64, command: &str, result: &str) -> Operation {
        let returned = Some((returned, result.to_owned()));
        Operation { command: command.to_owned(), called, returned }
    }

    fn asked(called: u64, command: &str) -> Operation {
        Operation { command: command.to_owned(), called, returned: None }
    }

    fn violates(history: &[Operation]) -> Vec<Operation> {
        match linearizability(history, LIMIT) {
            Linearizability::Violated { operations, .. } => operations,
            other => panic!("{other}"),
        }
    }

    #[test]
    fn one_after_the_other_is_linearizable() {
        let history =
            [did(1, 2, "set x 1", "ok"), did(3, 4, "get x", "1"), did(5, 6, "append x 2", "12")];
        assert_eq!(linearizability(&history, LIMIT), Linearizability::Linearizable);
    }

    #[test]
    fn concurrent_operations_may_take_either_order() {
        for seen in ["none", "1"] {
            let history = [did(1, 5, "set x 1", "ok"), did(2, 4, "get x", seen)];
            assert_eq!(linearizability(&history, LIMIT), Linearizability::Linearizable);
        }
    }

    #[test]
    fn a_stale_read_is_not_linearizable() {
        let history = [
            did(1, 2, "set x 1", "ok"),
            did(3, 4, "set x 2", "ok"),
            did(5, 6, "get x", "1"),
            did(7, 8, "get x", "2"),
        ];
        let shown = violates(&history);
        assert_eq!(shown, history[..3], "what came after explains nothing");
        let told = linearizability(&history, LIMIT).to_string();
        assert!(told.ends_with("\n  5–6: get x → 1"), "{told}");
    }

    #[test]
    fn two_readers_must_agree_on_the_order() {
        let history =
            [did(1, 9, "set x 1", "ok"), did(2, 3, "get x", "1"), did(4, 5, "get x", "none")];
        assert_eq!(violates(&history).len(), 3);
    }

    #[test]
    fn what_was_never_answered_may_have_happened_or_not() {
        for seen in ["none", "1"] {
            let history = [asked(1, "set x 1"), did(3, 4, "get x", seen)];
            assert_eq!(linearizability(&history, LIMIT), Linearizability::Linearizable);
        }
        let both = [asked(1, "set x 1"), did(3, 4, "get x", "1"), did(5, 6, "get x", "none")];
        violates(&both);
    }

    #[test]
    fn an_append_that_happens_twice_is_not_linearizable() {
        let history = [did(1, 2, "append x a", "a"), did(3, 4, "get x", "aa")];
        violates(&history);
    }

    #[test]
    fn each_key_is_searched_on_its_own() {
        let history = [
            did(1, 2, "set x 1", "ok"),
            did(1, 2, "set y 1", "ok"),
            did(3, 4, "get x", "1"),
            did(3, 4, "get y", "2"),
        ];
        let Linearizability::Violated { key, .. } = linearizability(&history, LIMIT) else {
            panic!()
        };
        assert_eq!(key, "y");
    }

    #[test]
    fn a_search_that_takes_too_long_is_given_up() {
        // Thirty concurrent writes, and a read of what nobody wrote: every order must be rejected.
        let mut history: Vec<Operation> =
            (0..30).map(|n| did(1, 100, &format!("append x {n},"), "?")).collect();
        history.push(did(101, 102, "get x", "nobody"));
        for operation in &mut history[..30] {
            operation.returned = None;
        }
        let answer = linearizability(&history, 10_000);
        assert_eq!(answer, Linearizability::Unknown { key: "x".to_owned() });
    }

    #[test]
    fn a_long_history_needs_no_deep_stack() {
        let history: Vec<Operation> =
            (0..5_000).map(|n| did(2 * n, 2 * n + 1, &format!("set x {n}"), "ok")).collect();
        let search = std::thread::Builder::new().stack_size(64 * 1024);
        let verdict = search.spawn(move || linearizability(&history, LIMIT)).unwrap().join();
        assert_eq!(verdict.unwrap(), Linearizability::Linearizable);
    }

    #[test]
    fn a_thousand_operations_of_three_clients_are_searched_in_few_steps() {
        let mut history = Vec::new();
        let mut value = String::new();
        for n in 0..1_000_u64 {
            value.push((b'a' + (n % 26) as u8) as char);
            let command = format!("append x {}", (b'a' + (n % 26) as u8) as char);
            history.push(did(3 * n, 3 * n + 7, &command, &value));
        }
        assert_eq!(linearizability(&history, 5_000), Linearizability::Linearizable);
    }
}
