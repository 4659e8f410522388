//! The state machine of real servers: keys and values are bytes.

use std::collections::BTreeMap;

use protocol::{Bytes, Index, StateMachine};
use serde::{Deserialize, Serialize};

/// The largest value, in bytes.
pub const MAX_VALUE: usize = 1 << 20;

/// The largest key, in bytes.
pub const MAX_KEY: usize = 1 << 10;

/// What a client can ask of the store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Operation {
    /// The value of a key.
    Get(Bytes),
    /// Stores a value.
    Set(Bytes, Bytes),
    /// Adds to the end of a value; a key without one has the empty value.
    Append(Bytes, Bytes),
    /// Stores the second value if the key has the first one.
    Cas(Bytes, Bytes, Bytes),
    /// Removes keys with their values.
    Del(Vec<Bytes>),
    /// Adds to a number in decimal digits; a key without a value counts as 0.
    IncrementBy(Bytes, i64),
}

/// The result of an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Outcome {
    /// It is stored.
    Stored,
    /// The value, if the key has one.
    Value(Option<Bytes>),
    /// A number: the new length of the value, or how many keys were changed.
    Number(u64),
    /// Nothing was changed: the value would be larger than [`MAX_VALUE`].
    TooLarge,
    /// Nothing was changed: these bytes are no operation.
    NotAnOperation,
    /// The sum that was stored.
    Sum(i64),
    /// Nothing was changed: there is no value to compare with.
    NoSuchKey,
    /// Nothing was changed: the value is not a number, or the sum does not fit into 64 bits.
    NotANumber,
}

impl Operation {
    /// The bytes of the command.
    pub fn to_bytes(&self) -> Bytes {
        postcard::to_stdvec(self).expect("plain data can be written").into()
    }
}

impl Outcome {
    /// The outcome in the result of a command; `None` if it is not one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    fn to_bytes(&self) -> Bytes {
        postcard::to_stdvec(self).expect("plain data can be written").into()
    }
}

/// A store of bytes under bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ByteStore(BTreeMap<Bytes, Bytes>);

impl ByteStore {
    fn get(&self, key: &Bytes) -> Outcome {
        Outcome::Value(self.0.get(key).cloned())
    }

    fn increment(&mut self, key: Bytes, by: i64) -> Outcome {
        let value = self.0.get(&key).map_or(Some(0), |value| {
            std::str::from_utf8(value).ok().and_then(|digits| digits.parse::<i64>().ok())
        });
        let Some(sum) = value.and_then(|value| value.checked_add(by)) else {
            return Outcome::NotANumber;
        };
        self.0.insert(key, sum.to_string().into());
        Outcome::Sum(sum)
    }

    fn execute(&mut self, operation: Operation) -> Outcome {
        match operation {
            Operation::Get(key) => self.get(&key),
            Operation::Set(key, value) => {
                self.0.insert(key, value);
                Outcome::Stored
            }
            Operation::Append(key, end) => {
                let before = self.0.get(&key).cloned().unwrap_or_default();
                if before.len() + end.len() > MAX_VALUE {
                    return Outcome::TooLarge;
                }
                let value = [before, end].concat();
                let length = value.len() as u64;
                self.0.insert(key, value.into());
                Outcome::Number(length)
            }
            Operation::Cas(key, old, new) => match self.0.get_mut(&key) {
                Some(value) if *value == old => {
                    *value = new;
                    Outcome::Number(1)
                }
                Some(_) => Outcome::Number(0),
                None => Outcome::NoSuchKey,
            },
            Operation::Del(keys) => {
                let removed = keys.iter().filter(|&key| self.0.remove(key).is_some()).count();
                Outcome::Number(removed as u64)
            }
            Operation::IncrementBy(key, by) => self.increment(key, by),
        }
    }
}

impl StateMachine for ByteStore {
    fn apply(&mut self, _index: Index, command: &[u8]) -> Bytes {
        let outcome = match postcard::from_bytes(command) {
            Ok(operation) => self.execute(operation),
            Err(_) => Outcome::NotAnOperation,
        };
        outcome.to_bytes()
    }

    fn query(&self, query: &[u8]) -> Bytes {
        let outcome = match postcard::from_bytes(query) {
            Ok(Operation::Get(key)) => self.get(&key),
            _ => Outcome::NotAnOperation,
        };
        outcome.to_bytes()
    }

    fn snapshot(&self) -> Bytes {
        postcard::to_stdvec(&self.0).expect("plain data can be written").into()
    }

    /// # Panics
    /// If the bytes are not a snapshot of such a store: a server that went on would have lost its state.
    fn restore(&mut self, snapshot: &[u8]) {
        self.0 = postcard::from_bytes(snapshot).unwrap_or_else(|error| {
            panic!("the snapshot of the state machine cannot be read: {error}")
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }

    fn run(store: &mut ByteStore, operation: &Operation) -> Outcome {
        Outcome::from_bytes(&store.apply(Index(1), &operation.to_bytes())).unwrap()
    }

    #[test]
    fn every_operation_has_its_outcome() {
        let mut store = ByteStore::default();
        let x = || bytes("x");
        let strange = Bytes::from_static(b"\0 \xff\r\n");
        let steps = [
            (Operation::IncrementBy(bytes("n"), 5), Outcome::Sum(5)),
            (Operation::IncrementBy(bytes("n"), -7), Outcome::Sum(-2)),
            (Operation::IncrementBy(bytes("n"), i64::MIN), Outcome::NotANumber),
            (Operation::Get(bytes("n")), Outcome::Value(Some(bytes("-2")))),
            (Operation::Get(x()), Outcome::Value(None)),
            (Operation::Cas(x(), bytes(""), bytes("1")), Outcome::NoSuchKey),
            (Operation::Set(x(), strange.clone()), Outcome::Stored),
            (Operation::IncrementBy(x(), 1), Outcome::NotANumber),
            (Operation::Append(x(), bytes("!")), Outcome::Number(6)),
            (Operation::Get(x()), Outcome::Value(Some(Bytes::from_static(b"\0 \xff\r\n!")))),
            (Operation::Cas(x(), strange, bytes("1")), Outcome::Number(0)),
            (Operation::Set(x(), bytes("1")), Outcome::Stored),
            (Operation::Cas(x(), bytes("1"), bytes("2")), Outcome::Number(1)),
            (Operation::Get(x()), Outcome::Value(Some(bytes("2")))),
            (Operation::Append(bytes("y"), bytes("3")), Outcome::Number(1)),
            (Operation::Del(vec![x(), bytes("y"), bytes("z")]), Outcome::Number(2)),
            (Operation::Get(x()), Outcome::Value(None)),
        ];
        for (operation, outcome) in steps {
            assert_eq!(run(&mut store, &operation), outcome, "{operation:?}");
        }
    }

    #[test]
    fn a_value_does_not_grow_beyond_its_limit() {
        let mut store = ByteStore::default();
        let half = Bytes::from(vec![0; MAX_VALUE / 2]);
        let append = Operation::Append(bytes("x"), half);
        run(&mut store, &append);
        assert_eq!(run(&mut store, &append), Outcome::Number(MAX_VALUE as u64));
        let before = store.clone();
        assert_eq!(run(&mut store, &Operation::Append(bytes("x"), bytes("1"))), Outcome::TooLarge);
        assert_eq!(store, before);
    }

    #[test]
    fn other_bytes_change_nothing() {
        let mut store = ByteStore::default();
        for command in [&b""[..], b"set x 1", b"\xff\xff\xff\xff\xff"] {
            let outcome = Outcome::from_bytes(&store.apply(Index(1), command));
            assert_eq!(outcome, Some(Outcome::NotAnOperation));
        }
        assert_eq!(store, ByteStore::default());
        let set = Operation::Set(bytes("x"), bytes("1")).to_bytes();
        assert_eq!(Outcome::from_bytes(&store.query(&set)), Some(Outcome::NotAnOperation));
    }

    #[test]
    fn a_snapshot_restores_the_same_store() {
        let mut store = ByteStore::default();
        run(&mut store, &Operation::Set(bytes("x"), bytes("1")));
        let mut copy = ByteStore::default();
        copy.restore(&store.snapshot());
        assert_eq!(copy, store);
    }
}
