//! Operations in words.

use crate::history::{Operation, Outcome};

/// A time of the run, or a duration, in seconds.
pub fn in_seconds(nanos: u64) -> String {
    let millis = nanos / 1_000_000;
    format!("{}.{:03} s", millis / 1_000, millis % 1_000)
}

/// An operation as a sentence without its period.
pub fn sentence(operation: &Operation) -> String {
    let Operation { client, call, called, returned, outcome, answer, attempts } = operation;
    let words = |place: usize| call.arguments.get(place).map_or("", String::as_str);
    let answer = answer.as_deref();
    let what = match (call.name.as_str(), outcome) {
        ("get", Outcome::Done) => format!("read {}", answer.unwrap_or("no value")),
        ("get", _) => "read".to_owned(),
        ("set", _) => format!("wrote {}", words(0)),
        ("incrby", Outcome::Done) => {
            format!("added {} and got {}", words(0), answer.unwrap_or("nothing"))
        }
        ("incrby", _) => format!("added {}", words(0)),
        ("append", _) => format!("appended {}", words(0)),
        ("cas", Outcome::Done) if answer == Some("1") => {
            format!("exchanged {} for {}", words(0), words(1))
        }
        ("cas", Outcome::Done) => format!("did not exchange {} for {}", words(0), words(1)),
        ("cas", _) => format!("wanted to exchange {} for {}", words(0), words(1)),
        (name, _) => format!("asked for {name}"),
    };
    let at = attempts.last().map(|attempt| format!(" at S{}", attempt.0)).unwrap_or_default();
    match returned {
        Some(returned) => {
            format!(
                "client {client}{at} {what} ({} to {})",
                in_seconds(*called),
                in_seconds(*returned)
            )
        }
        None => {
            format!("client {client}{at} {what} (at {}, without an answer)", in_seconds(*called))
        }
    }
}
