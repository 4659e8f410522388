//! Linearizability of a register whose writes all have different values (Gibbons and Korach, 1997, *Testing
//! Shared Memories*, §4).
//!
//! With such values each read names the write that it saw, so no search is needed. A write and its reads are a
//! group. If a group's last operation to begin begins after its first one to end has ended, then the register
//! has the group's value from that end to that beginning, without interruption: the group *holds* the register.
//! Otherwise there is a moment at which all of them are in progress at once, and one such moment is enough for
//! the whole group. A history is linearizable if and only if
//!
//! 1. each read sees a value that was written, by a write that began before the read ended;
//! 2. no two groups hold the register at the same time;
//! 3. no group fits only into moments at which another group holds the register.
//!
//! This takes `n log n` steps, for a verdict either way, and a contradiction is at most four operations.

use std::collections::{BTreeMap, BTreeSet};

/// An operation on a register, as the client saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegisterOperation {
    /// What the client asked for, and what it read.
    pub access: Access,
    /// When the client sent it. Any clock will do that ticks between any two calls and returns.
    pub called: u64,
    /// When the client received the answer; `None` if it never did.
    pub returned: Option<u64>,
}

/// A read or a write of a register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Writes this value. No other write of the register has the same value.
    Write(u64),
    /// Reads this value; `None` if nothing was written yet. What an unanswered read holds is ignored.
    Read(Option<u64>),
}

/// Why a history of a register is not linearizable. Operations are named by their places in the history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contradiction {
    /// Two writes have the same value, so this judge cannot tell which one a read saw.
    WrittenTwice {
        /// The two writes.
        writes: [usize; 2],
    },
    /// A read returned a value that nobody wrote.
    NeverWritten {
        /// The read.
        read: usize,
    },
    /// A read ended before the write of its value began.
    ReadBeforeWrite {
        /// The read.
        read: usize,
        /// The write of the value that it returned.
        write: usize,
    },
    /// The register must have had one value throughout a span, and another one at some moment within it.
    TwoValues {
        /// The value that the register had throughout; `None` is what it holds before the first write.
        throughout: Option<u64>,
        /// The operations that prove it: one that ended before the span, if it is not the beginning of the
        /// history, and one that began after it.
        around: Vec<usize>,
        /// The value that the register must have had within the span.
        within: Option<u64>,
        /// The operations that prove it.
        inside: Vec<usize>,
    },
}

/// Judges the history of one register.
///
/// # Errors
///
/// A contradiction, if the history is not linearizable.
pub fn registers(history: &[RegisterOperation]) -> Result<(), Contradiction> {
    let groups = groups(history)?;
    let mut holders: Vec<&Group> = groups.iter().filter(|group| group.holds()).collect();
    holders.sort_by_key(|group| group.first_end);
    if let Some(pair) = holders.windows(2).find(|pair| pair[1].first_end < pair[0].last_start) {
        return Err(two_values(pair[0], pair[1]));
    }
    for group in groups.iter().filter(|group| !group.holds()) {
        // Holders do not overlap, so only the last one that begins before the group can surround it.
        let before = holders.partition_point(|holder| holder.first_end < group.last_start);
        let around = before.checked_sub(1).map(|place| holders[place]);
        if let Some(around) = around.filter(|around| group.first_end < around.last_start) {
            return Err(two_values(around, group));
        }
    }
    Ok(())
}

fn two_values(around: &Group, inside: &Group) -> Contradiction {
    Contradiction::TwoValues {
        throughout: around.value,
        around: around.proof(),
        within: inside.value,
        inside: inside.proof(),
    }
}

/// A write and the reads that saw it. Places are in the history; the write before all histories has none.
struct Group {
    value: Option<u64>,
    /// When the first of them to end ends.
    first_end: i128,
    first_to_end: Option<usize>,
    /// When the last of them to begin begins.
    last_start: i128,
    last_to_start: Option<usize>,
}

impl Group {
    /// The group of what the register holds before the first write, whose write ended before time 0.
    fn initial() -> Self {
        Group {
            value: None,
            first_end: -1,
            first_to_end: None,
            last_start: -1,
            last_to_start: None,
        }
    }

    fn of_write(value: u64, place: usize, write: &RegisterOperation) -> Self {
        let (first_end, last_start) = (end_of(write), i128::from(write.called));
        let place = Some(place);
        let value = Some(value);
        Group { value, first_end, first_to_end: place, last_start, last_to_start: place }
    }

    fn add(&mut self, place: usize, read: &RegisterOperation) {
        if end_of(read) < self.first_end {
            (self.first_end, self.first_to_end) = (end_of(read), Some(place));
        }
        if i128::from(read.called) > self.last_start {
            (self.last_start, self.last_to_start) = (i128::from(read.called), Some(place));
        }
    }

    /// Whether the register has this value throughout a span, from `first_end` to `last_start`.
    fn holds(&self) -> bool {
        self.first_end < self.last_start
    }

    fn proof(&self) -> Vec<usize> {
        let mut places: Vec<usize> =
            [self.first_to_end, self.last_to_start].into_iter().flatten().collect();
        places.dedup();
        places
    }
}

/// When an operation ends. A write without an answer may take effect at any later time.
fn end_of(operation: &RegisterOperation) -> i128 {
    operation.returned.map_or(i128::MAX, i128::from)
}

fn groups(history: &[RegisterOperation]) -> Result<Vec<Group>, Contradiction> {
    let mut initial = Group::initial();
    let mut groups = BTreeMap::new();
    let mut writes = BTreeMap::new();
    for (place, operation) in history.iter().enumerate() {
        let Access::Write(value) = operation.access else { continue };
        if let Some(earlier) = writes.insert(value, place) {
            return Err(Contradiction::WrittenTwice { writes: [earlier, place] });
        }
        groups.insert(value, Group::of_write(value, place, operation));
    }
    let mut seen = BTreeSet::new();
    for (place, operation) in history.iter().enumerate() {
        let (Access::Read(read), Some(returned)) = (operation.access, operation.returned) else {
            continue;
        };
        let Some(value) = read else {
            initial.add(place, operation);
            continue;
        };
        let Some(group) = groups.get_mut(&value) else {
            return Err(Contradiction::NeverWritten { read: place });
        };
        let write = writes[&value];
        if returned < history[write].called {
            return Err(Contradiction::ReadBeforeWrite { read: place, write });
        }
        group.add(place, operation);
        seen.insert(value);
    }
    // A write that was neither answered nor read need not have happened.
    groups.retain(|value, _| seen.contains(value) || history[writes[value]].returned.is_some());
    Ok(std::iter::once(initial).chain(groups.into_values()).collect())
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::super::{Linearizability, Operation, linearizability};
    use super::*;

    fn write(called: u64, returned: u64, value: u64) -> RegisterOperation {
        RegisterOperation { access: Access::Write(value), called, returned: Some(returned) }
    }

    fn read(called: u64, returned: u64, value: u64) -> RegisterOperation {
        RegisterOperation { access: Access::Read(Some(value)), called, returned: Some(returned) }
    }

    fn read_nothing(called: u64, returned: u64) -> RegisterOperation {
        RegisterOperation { access: Access::Read(None), called, returned: Some(returned) }
    }

    #[test]
    fn a_stale_read_is_named_with_the_operations_that_it_contradicts() {
        let history =
            [write(1, 2, 10), write(3, 4, 11), read(5, 6, 11), read(7, 8, 10), read(9, 10, 11)];
        let expected = Contradiction::TwoValues {
            throughout: Some(10),
            around: vec![0, 3],
            within: Some(11),
            inside: vec![1, 4],
        };
        assert_eq!(registers(&history), Err(expected));
    }

    #[test]
    fn the_first_value_counts_as_written_before_the_history() {
        assert_eq!(registers(&[read_nothing(1, 2), write(3, 4, 10)]), Ok(()));
        let expected = Contradiction::TwoValues {
            throughout: None,
            around: vec![1],
            within: Some(10),
            inside: vec![0],
        };
        assert_eq!(registers(&[write(1, 2, 10), read_nothing(3, 4)]), Err(expected));
    }

    #[test]
    fn a_write_without_an_answer_may_have_happened_or_not() {
        let unanswered = RegisterOperation { access: Access::Write(10), called: 1, returned: None };
        assert_eq!(registers(&[unanswered.clone(), read_nothing(3, 4)]), Ok(()));
        assert_eq!(registers(&[unanswered.clone(), read_nothing(3, 4), read(5, 6, 10)]), Ok(()));
        let undone = [unanswered, read(3, 4, 10), read_nothing(5, 6)];
        assert!(registers(&undone).is_err());
    }

    #[test]
    fn a_read_of_the_future_or_of_nobodys_value_is_named() {
        let early = [read(1, 2, 10), write(3, 4, 10)];
        assert_eq!(registers(&early), Err(Contradiction::ReadBeforeWrite { read: 0, write: 1 }));
        assert_eq!(registers(&early[..1]), Err(Contradiction::NeverWritten { read: 0 }));
        let twice = [write(1, 2, 10), write(3, 4, 10)];
        assert_eq!(registers(&twice), Err(Contradiction::WrittenTwice { writes: [0, 1] }));
    }

    /// A history of up to eight operations whose times overlap often, of which some were never answered.
    fn drawn(rng: &mut ChaCha8Rng) -> Vec<RegisterOperation> {
        (0..rng.random_range(1..=8_u64))
            .map(|number| {
                let access = match rng.random_range(0..3) {
                    0 => Access::Write(number),
                    1 => Access::Read(None),
                    _ => Access::Read(Some(rng.random_range(0..8))),
                };
                let called = rng.random_range(0..12);
                let returned = called + rng.random_range(0..6);
                let answered = rng.random_bool(0.9);
                RegisterOperation { access, called, returned: answered.then_some(returned) }
            })
            .collect()
    }

    /// The same operation for the general search.
    fn general(operation: &RegisterOperation) -> Operation {
        let (command, result) = match operation.access {
            Access::Write(value) => (format!("set x {value}"), "ok".to_owned()),
            Access::Read(value) => {
                let value = value.map_or("none".to_owned(), |value| value.to_string());
                ("get x".to_owned(), value)
            }
        };
        let returned = operation.returned.map(|time| (time, result));
        Operation { command, called: operation.called, returned }
    }

    #[test]
    fn it_agrees_with_the_general_search_on_five_thousand_short_histories() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut verdicts = [0, 0];
        for _ in 0..5_000 {
            let history = drawn(&mut rng);
            let searched =
                linearizability(&history.iter().map(general).collect::<Vec<_>>(), 100_000);
            let expected = searched == Linearizability::Linearizable;
            assert_eq!(registers(&history).is_ok(), expected, "{history:#?}");
            verdicts[usize::from(expected)] += 1;
        }
        assert!(verdicts.iter().all(|&times| times > 500), "both verdicts occur: {verdicts:?}");
    }
}
