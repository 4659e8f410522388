//! Keys of few operations: by the general search (`simulator::linearizability_by`).

use simulator::{Linearizability, Operation as Searched, linearizability_by};

use super::finding::{Finding, OnKey, list, span};
use crate::history::{Operation, Outcome};

/// The search for an order has reached its limit.
pub(super) struct TooLong;

/// How many steps the search may take for one key.
const STEPS: u64 = 300_000;

/// Judges the operations on one key.
pub(super) fn judge(key: &str, operations: &OnKey<'_>) -> Result<Option<Finding>, TooLong> {
    let known: OnKey<'_> = operations
        .iter()
        .copied()
        .filter(|(_, it)| it.outcome == Outcome::Done || it.call.name != "get")
        .collect();
    let searched: Vec<Searched> = known.iter().map(|(_, operation)| general(operation)).collect();
    match linearizability_by(&searched, STEPS, is_result) {
        Linearizability::Linearizable => Ok(None),
        Linearizability::Unknown { .. } => Err(TooLong),
        Linearizability::Violated { operations: shortest, .. } => {
            let mut places: Vec<usize> =
                known.iter().take(shortest.len()).map(|(place, _)| *place).collect();
            let last = shortest.iter().rposition(|it| it.returned.is_some());
            let list = list(&places, operations);
            let words = format!(
                "{list}No order of these operations explains all answers; without the last one to end there is an \
                 order."
            );
            // The page draws those around the end.
            places.drain(..last.unwrap_or(0).saturating_sub(6));
            Ok(Some(Finding {
                title: format!("{key}: no order explains the answers"),
                words,
                span: span(&places, operations),
                operations: places,
            }))
        }
    }
}

/// The operation in the words of `protocol::KeyValue`.
fn general(operation: &Operation) -> Searched {
    let arguments = operation.call.arguments.join(" ");
    let command = format!("{} {} {arguments}", operation.call.name, operation.call.key);
    let answer = operation.answer.as_deref();
    let result = match operation.call.name.as_str() {
        "get" => answer.unwrap_or("none").to_owned(),
        "append" => format!("#{}", answer.unwrap_or_default()),
        "set" if answer == Some("OK") => "ok".to_owned(),
        "cas" if answer == Some("1") => "ok".to_owned(),
        "cas" if answer == Some("0") => "is".to_owned(),
        // An answer that is none of these, such as an error, is the result of no order.
        _ => answer.unwrap_or_default().to_owned(),
    };
    let returned = operation.returned.filter(|_| operation.outcome == Outcome::Done);
    Searched {
        command: command.trim_end().to_owned(),
        called: operation.called,
        returned: returned.map(|at| (at, result)),
    }
}

/// Whether a client may have `seen` this if the store of the search has that `result`. A server says how long a value
/// has become, and that it was not exchanged, but not what it is.
fn is_result(seen: &str, result: &str) -> bool {
    match (seen.strip_prefix('#'), seen) {
        (Some(length), _) => length.parse() == Ok(result.len()),
        (None, "is") => result.starts_with("is "),
        (None, _) => seen == result,
    }
}
