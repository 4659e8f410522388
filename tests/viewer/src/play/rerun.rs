//! Runs a script that may not end, on a new gate: up to the command that does not end.

use std::time::Duration;

use simulator::{Outcome, PlayAnswer, PlayFault, PlayRequest};

use super::builder::Built;
use super::gate::{Ended, Gate};
use super::order::Order;

/// A gate that has run a script, and its answer.
pub(super) struct Rerun {
    pub(super) gate: Gate,
    pub(super) answer: PlayAnswer,
    pub(super) printed: String,
}

/// The fault of a command that did not end, or that ended its process.
pub(super) fn fault(ended: &Ended, limit: Duration, line: u64, command: &str) -> PlayFault {
    let happened = match ended {
        Ended::Silent => format!(
            "the servers did not finish within {} s: some code loops forever, or waits for something that does not happen",
            limit.as_secs_f32()
        ),
        Ended::Died => "the process of the servers has ended: a stack overflow, too much memory, or code that ends \
                        its process"
            .to_owned(),
        Ended::Garbled(why) => format!("the gate's answer cannot be read: {why}"),
    };
    PlayFault {
        line,
        command: command.to_owned(),
        outcome: Outcome::Panicked,
        expected: "a step that ends".to_owned(),
        happened,
        ..PlayFault::default()
    }
}

/// Runs a script on a new gate. If it does not end, runs it up to the command that does not.
///
/// # Errors
/// If there is no gate that answers at all.
pub(super) fn rerun(built: &Built, order: &Order, text: &str) -> Result<Rerun, String> {
    let limit = Duration::from_millis(order.limit_ms);
    let ask = |text: &str| {
        let mut gate = Gate::start(built, order)?;
        let (answer, printed) = gate.ask(&PlayRequest::Script(text.to_owned()), limit);
        Ok::<_, String>((gate, answer, printed))
    };
    let (gate, answer, printed) = ask(text)?;
    let ended = match answer {
        Ok(answer) => return Ok(Rerun { gate, answer, printed }),
        Err(ended) => ended,
    };
    drop(gate);
    let mut printed = printed;
    // This searches for the shortest beginning that does not end. No longer one ends either.
    let lines: Vec<&str> = text.lines().collect();
    let (mut ends, mut does_not) = (0, lines.len());
    while does_not - ends > 1 {
        let middle = usize::midpoint(ends, does_not);
        let (_, answer, more) = ask(&beginning(&lines, middle))?;
        if answer.is_ok() {
            ends = middle;
        } else {
            (does_not, printed) = (middle, more);
        }
    }
    let (gate, answer, _) = ask(&beginning(&lines, ends))?;
    let answer = answer.map_err(|ended| fault(&ended, limit, 0, "").happened)?;
    let line = lines.get(does_not.saturating_sub(1)).copied().unwrap_or_default().trim();
    // If an earlier line fails, its fault is reported.
    let fault = answer.fault.clone().unwrap_or(fault(&ended, limit, does_not as u64, line));
    Ok(Rerun { gate, answer: PlayAnswer { fault: Some(fault), ..answer }, printed })
}

fn beginning(lines: &[&str], count: usize) -> String {
    let mut text = lines[..count].join("\n");
    text.push('\n');
    text
}
