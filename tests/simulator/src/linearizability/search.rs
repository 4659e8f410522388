//! The search for an order that explains the operations on one key.

use std::collections::HashSet;

use protocol::{Bytes, Index, KeyValue, StateMachine as _};

use super::operation::Operation;

/// Whether there is an order; `None` if the limit was reached. The operations are in the order of their calls.
///
/// The order found so far is kept in a vector: histories are longer than the stack of a thread is deep.
pub(super) fn search(
    operations: &[&Operation],
    limit: u64,
    explains: fn(&str, &str) -> bool,
) -> Option<bool> {
    let mut timeline = Timeline::new(operations);
    let mut tried: HashSet<(OperationSet, Bytes)> = HashSet::new();
    let mut done = OperationSet::new(operations.len());
    let mut store = KeyValue::new();
    // For each operation of the order, the place of its call, and the store before it.
    let mut order: Vec<(usize, KeyValue)> = Vec::new();
    let mut steps = 0;
    let mut place = timeline.first();
    // Operations that never returned need not have happened.
    while timeline.returns_left > 0 {
        match timeline.moments[place] {
            Moment::Call(number) => {
                steps += 1;
                if steps > limit {
                    return None;
                }
                let operation = operations[number];
                let mut after = store.clone();
                let result = after.apply(Index(0), operation.command.as_bytes());
                let result = String::from_utf8_lossy(&result);
                let fits =
                    operation.returned.as_ref().is_none_or(|(_, seen)| explains(seen, &result));
                if fits && tried.insert((done.with(number), after.snapshot())) {
                    done = done.with(number);
                    order.push((place, std::mem::replace(&mut store, after)));
                    timeline.remove(place, number);
                    place = timeline.first();
                } else {
                    place = timeline.next[place];
                }
            }
            // The operation that ends here is not in the order yet, and every later one was called after it
            // returned. So no choice is left, and the last one was wrong.
            Moment::Return => {
                let Some((call, before)) = order.pop() else { return Some(false) };
                let Moment::Call(number) = timeline.moments[call] else { unreachable!("a call") };
                timeline.restore(call, number);
                done = done.without(number);
                store = before;
                place = timeline.next[call];
            }
        }
    }
    Some(true)
}

/// A set of operations, as a bit for each number: it is cloned and hashed at every step.
#[derive(Clone, PartialEq, Eq, Hash)]
struct OperationSet {
    words: Vec<u64>,
}

impl OperationSet {
    fn new(operations: usize) -> Self {
        OperationSet { words: vec![0; operations.div_ceil(64)] }
    }
    fn with(&self, number: usize) -> Self {
        let mut set = self.clone();
        set.words[number / 64] |= 1 << (number % 64);
        set
    }
    fn without(mut self, number: usize) -> Self {
        self.words[number / 64] &= !(1 << (number % 64));
        self
    }
}

#[derive(Clone, Copy)]
enum Moment {
    /// The operation of this number is called.
    Call(usize),
    Return,
}

/// The calls and returns of the operations that are not in the order yet, by time: a doubly linked list, from
/// which an operation is removed, and to which it is restored, in constant time.
struct Timeline {
    moments: Vec<Moment>,
    /// The place after each place. The last entry belongs to the head of the list, which has no moment.
    next: Vec<usize>,
    previous: Vec<usize>,
    /// The place of each operation's return.
    returns: Vec<Option<usize>>,
    returns_left: usize,
}

impl Timeline {
    fn new(operations: &[&Operation]) -> Self {
        let calls = operations.iter().enumerate().map(|(number, o)| (o.called, false, number));
        let returns = operations.iter().enumerate().filter_map(|(number, operation)| {
            operation.returned.as_ref().map(|(time, _)| (*time, true, number))
        });
        let mut moments: Vec<(u64, bool, usize)> = calls.chain(returns).collect();
        // Of a call and a return at the same time, the call is first: the operations overlap.
        moments.sort_unstable();
        let mut places = vec![None; operations.len()];
        for (place, &(_, is_return, number)) in moments.iter().enumerate() {
            if is_return {
                places[number] = Some(place);
            }
        }
        let head = moments.len();
        Timeline {
            next: (0..=head).map(|place| if place == head { 0 } else { place + 1 }).collect(),
            previous: (0..=head).map(|place| if place == 0 { head } else { place - 1 }).collect(),
            returns_left: places.iter().flatten().count(),
            returns: places,
            moments: moments
                .into_iter()
                .map(
                    |(_, is_return, number)| {
                        if is_return { Moment::Return } else { Moment::Call(number) }
                    },
                )
                .collect(),
        }
    }

    fn first(&self) -> usize {
        self.next[self.moments.len()]
    }

    fn remove(&mut self, call: usize, number: usize) {
        self.unlink(call);
        if let Some(place) = self.returns[number] {
            self.unlink(place);
            self.returns_left -= 1;
        }
    }

    /// Undoes the latest `remove` that was not undone yet: each place still knows its neighbors.
    fn restore(&mut self, call: usize, number: usize) {
        if let Some(place) = self.returns[number] {
            self.link(place);
            self.returns_left += 1;
        }
        self.link(call);
    }

    fn unlink(&mut self, place: usize) {
        let (previous, next) = (self.previous[place], self.next[place]);
        self.next[previous] = next;
        self.previous[next] = previous;
    }

    fn link(&mut self, place: usize) {
        let (previous, next) = (self.previous[place], self.next[place]);
        self.next[previous] = place;
        self.previous[next] = place;
    }
}
