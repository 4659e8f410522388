//! A history for Jepsen's tools: one map in EDN for each request and each answer.
//!
//! In Jepsen, a process whose operation has no known outcome has crashed and does nothing more. So a client goes on as
//! another process after such an operation. `:f` is the name of the command; `:value` holds key, arguments and answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::history::{History, Operation, Outcome};

/// The history in EDN.
pub fn edn(history: &History) -> String {
    // Of requests and answers at the same time, requests come first.
    let mut moments: Vec<(u64, bool, usize)> = Vec::new();
    for (place, operation) in history.operations.iter().enumerate() {
        moments.push((operation.called, false, place));
        moments.push((operation.returned.unwrap_or(u64::MAX), true, place));
    }
    moments.sort_unstable();
    let end = history.end();
    let mut processes: BTreeMap<usize, u64> = BTreeMap::new();
    let mut crashes: BTreeMap<u64, u64> = BTreeMap::new();
    let mut text = String::new();
    for (index, (at, is_answer, place)) in moments.into_iter().enumerate() {
        let operation = &history.operations[place];
        let process = *processes.entry(place).or_insert_with(|| {
            let before = crashes.entry(operation.client).or_default();
            let process = operation.client + *before * (history.run.clients + 1);
            *before += u64::from(operation.outcome == Outcome::Unknown);
            process
        });
        let kind = match (is_answer, operation.outcome) {
            (false, _) => "invoke",
            (true, Outcome::Done) => "ok",
            (true, Outcome::Nothing) => "fail",
            (true, Outcome::Unknown) => "info",
        };
        let value = value(operation, is_answer);
        let _ = writeln!(
            text,
            "{{:index {index}, :time {}, :process {process}, :type :{kind}, :f :{}, :value {value}}}",
            at.min(end),
            operation.call.name,
        );
    }
    text
}

fn value(operation: &Operation, is_answer: bool) -> String {
    let quoted = |text: &String| format!("{text:?}");
    let words = [&operation.call.key].into_iter().chain(&operation.call.arguments);
    let mut words: Vec<String> = words.map(quoted).collect();
    if is_answer && operation.outcome == Outcome::Done {
        words.push(operation.answer.as_ref().map_or("nil".to_owned(), quoted));
    }
    format!("[{}]", words.join(" "))
}
