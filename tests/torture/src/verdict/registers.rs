//! Registers, whose values occur once: by zones (`simulator::registers`).

use simulator::{Access, Contradiction, RegisterOperation, registers};

use super::finding::{Finding, OnKey, list, span};
use crate::history::Outcome;

/// Judges the operations on one register.
pub(super) fn judge(key: &str, operations: &OnKey<'_>) -> Option<Finding> {
    let mut known = Vec::new();
    let mut history = Vec::new();
    for &(place, operation) in operations {
        let is_read = operation.call.name == "get";
        if is_read && operation.outcome != Outcome::Done {
            continue;
        }
        let text =
            if is_read { operation.answer.as_ref() } else { operation.call.arguments.first() };
        let value = match text.map(|text| text.parse::<u64>()) {
            None => None,
            Some(Ok(value)) => Some(value),
            Some(Err(_)) => return Some(strange(key, place, operations)),
        };
        let is_done = operation.outcome == Outcome::Done;
        if !is_read && is_done && operation.answer.as_deref() != Some("OK") {
            return Some(strange(key, place, operations));
        }
        let access = match (is_read, value) {
            (true, value) => Access::Read(value),
            (false, Some(value)) => Access::Write(value),
            (false, None) => return Some(strange(key, place, operations)),
        };
        history.push(RegisterOperation {
            access,
            called: operation.called,
            returned: operation.returned,
        });
        known.push(place);
    }
    let contradiction = registers(&history).err()?;
    Some(finding(key, operations, &known, &contradiction))
}

fn strange(key: &str, place: usize, operations: &OnKey<'_>) -> Finding {
    Finding {
        title: format!("{key}: an answer that is no answer to what was asked"),
        words: list(&[place], operations),
        operations: vec![place],
        span: span(&[place], operations),
    }
}

fn finding(
    key: &str,
    operations: &OnKey<'_>,
    known: &[usize],
    contradiction: &Contradiction,
) -> Finding {
    let places = |numbers: &[usize]| numbers.iter().map(|&at| known[at]).collect::<Vec<_>>();
    let value =
        |value: &Option<u64>| value.map_or("no value".to_owned(), |it| format!("the value {it}"));
    let (title, places, words) = match contradiction {
        Contradiction::WrittenTwice { writes } => {
            let places = places(writes);
            let words =
                "two writes have the same value, so this history cannot be judged".to_owned();
            ("not a history of this workload", places, words)
        }
        Contradiction::NeverWritten { read } => {
            let places = places(&[*read]);
            ("a value that nobody wrote", places, "No client had written this value.".to_owned())
        }
        Contradiction::ReadBeforeWrite { read, write } => {
            let places = places(&[*read, *write]);
            (
                "a value from the future",
                places,
                "The read was over before the write began.".to_owned(),
            )
        }
        Contradiction::TwoValues { throughout, around, within, inside } => {
            let both = [places(around), places(inside)].concat();
            let words = format!(
                "The first {} that {key} had {} throughout some time, and the other {} that it had {} at some moment of \
                 that time. No order of the operations explains both.",
                lines_prove(around.len()),
                value(throughout),
                lines_prove(inside.len()),
                value(within),
            );
            ("a stale read, or a write that was lost", both, words)
        }
    };
    let list = list(&places, operations);
    Finding {
        title: format!("{key}: {title}"),
        words: format!("{list}{words}"),
        span: span(&places, operations),
        operations: places,
    }
}

fn lines_prove(count: usize) -> String {
    if count == 1 { "line proves".to_owned() } else { format!("{count} lines prove") }
}
