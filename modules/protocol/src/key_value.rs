//! A small key-value store: the state machine of all scenarios.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use bytes::Bytes;

use crate::{Index, StateMachine};

/// A key-value store whose commands are plain words, so that a log reads well in a transcript.
///
/// | command | does | result |
/// |---|---|---|
/// | `set KEY VALUE` | stores the value | `ok` |
/// | `get KEY` | nothing | the value, or `none` |
/// | `append KEY TEXT` | adds to the end of the value | the new value |
/// | `cas KEY OLD NEW` | stores NEW if the value is OLD (`none` for a key without one) | `ok`, or `is VALUE` |
///
/// Anything else changes nothing and results in `? ` and the command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyValue {
    values: BTreeMap<String, String>,
}

impl KeyValue {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn value(&self, key: &str) -> &str {
        self.values.get(key).map_or("none", String::as_str)
    }

    fn execute(&mut self, command: &str) -> String {
        match *command.split(' ').collect::<Vec<_>>().as_slice() {
            ["set", key, value] => {
                self.values.insert(key.to_owned(), value.to_owned());
                "ok".to_owned()
            }
            ["get", key] => self.value(key).to_owned(),
            ["append", key, text] => {
                let value = self.values.entry(key.to_owned()).or_default();
                value.push_str(text);
                value.clone()
            }
            ["cas", key, old, new] if self.value(key) == old => {
                self.values.insert(key.to_owned(), new.to_owned());
                "ok".to_owned()
            }
            ["cas", key, _, _] => format!("is {}", self.value(key)),
            _ => format!("? {command}"),
        }
    }
}

impl StateMachine for KeyValue {
    fn apply(&mut self, _index: Index, command: &[u8]) -> Bytes {
        self.execute(&String::from_utf8_lossy(command)).into()
    }

    fn query(&self, query: &[u8]) -> Bytes {
        let query = String::from_utf8_lossy(query);
        match query.strip_prefix("get ") {
            Some(key) => self.value(key).to_owned().into(),
            None => format!("? {query}").into(),
        }
    }

    fn snapshot(&self) -> Bytes {
        self.values
            .iter()
            .fold(String::new(), |mut text, (key, value)| {
                let _ = writeln!(text, "{key} {value}");
                text
            })
            .into()
    }

    fn restore(&mut self, snapshot: &[u8]) {
        self.values = String::from_utf8_lossy(snapshot)
            .lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(commands: &[&str]) -> (KeyValue, Vec<String>) {
        let mut store = KeyValue::new();
        let results = commands
            .iter()
            .zip(1..)
            .map(|(command, index)| store.apply(Index(index), command.as_bytes()))
            .map(|result| String::from_utf8_lossy(&result).into_owned())
            .collect();
        (store, results)
    }

    #[test]
    fn every_command_gives_its_own_result() {
        let commands =
            ["get x", "set x 1", "append x 2", "get x", "cas x 1 3", "cas x 12 3", "cas y none 4"];
        let (_, results) = run(&commands);
        assert_eq!(results, ["none", "ok", "12", "12", "is 12", "ok", "ok"]);
    }

    #[test]
    fn an_unknown_command_changes_nothing_and_says_so() {
        let (store, results) = run(&["set x 1", "drop x", "set x", ""]);
        assert_eq!(results, ["ok", "? drop x", "? set x", "? "]);
        assert_eq!(store.query(b"get x"), "1");
        assert_eq!(store.query(b"set x 2"), "? set x 2");
    }

    #[test]
    fn a_snapshot_restores_the_same_store() {
        let (store, _) = run(&["set x 1", "set y 2", "append y 3"]);
        let mut copy = KeyValue::new();
        copy.restore(&store.snapshot());
        assert_eq!(copy, store);
    }
}
