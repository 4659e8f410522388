//! The servers: alive, available after each healing, and of the same state at the end.

use std::collections::BTreeSet;

use super::finding::Finding;
use super::words::in_seconds;
use crate::history::{History, Line};

/// After a healing, commands must be executed again within this many times the longest election timeout.
const ELECTIONS: u64 = 10;

/// Judges the servers. Returns how many healings there were, and what was found.
pub(super) fn judge(history: &History) -> (usize, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut available = Vec::new();
    let mut ends = Vec::new();
    let mut healings = Vec::new();
    for line in &history.others {
        match line {
            Line::Died { server, at, words } => findings.push(Finding {
                title: format!("S{server} has ended by itself"),
                words: format!("Noticed at {}:\n{words}", in_seconds(*at)),
                operations: Vec::new(),
                span: Some((*at, *at)),
            }),
            Line::Healed { at } => healings.push(*at),
            Line::Available { healed, at } => available.push((*healed, *at)),
            Line::End { server, applied, checksum } => ends.push((*server, *applied, checksum)),
            Line::Run(_) | Line::Operation(_) | Line::Fault(_) | Line::Role(_) => {}
        }
    }
    let limit = ELECTIONS * history.run.election_timeout;
    for &healed in &healings {
        let again = available.iter().find(|(of, _)| *of == healed).map(|(_, at)| *at);
        let took = again.map(|at| at.saturating_sub(healed));
        if took.is_none_or(|took| took > limit) {
            let how = took.map_or("no later command was executed in time".to_owned(), |took| {
                format!("the first command was executed after {}", in_seconds(took))
            });
            findings.push(Finding {
                title: "the cluster was not available in time".to_owned(),
                words: format!(
                    "All faults were over at {}, and {how}; {ELECTIONS} election timeouts are {}.",
                    in_seconds(healed),
                    in_seconds(limit)
                ),
                operations: Vec::new(),
                span: Some((healed, again.unwrap_or(healed + limit))),
            });
        }
    }
    findings.extend(states(&ends));
    (healings.len(), findings)
}

fn states(ends: &[(u64, Option<u64>, &String)]) -> Option<Finding> {
    let states: BTreeSet<_> =
        ends.iter().map(|(_, applied, checksum)| (applied, checksum)).collect();
    let silent = ends.iter().any(|(_, applied, _)| applied.is_none());
    if states.len() <= 1 && !silent {
        return None;
    }
    let applied: BTreeSet<_> = ends.iter().map(|(_, applied, _)| applied).collect();
    let line = |(server, applied, checksum): &(u64, Option<u64>, &String)| match applied {
        Some(applied) => format!(
            "  - S{server} has applied entry {applied}, and its state has checksum {checksum}\n"
        ),
        None => format!("  - S{server} does not answer\n"),
    };
    let list: String = ends.iter().map(line).collect();
    let (title, words) = if applied.len() > 1 {
        let words =
            "All faults were over and no client asked any more, but they have not caught up.";
        ("the servers have not applied the same entries", words)
    } else {
        let words = "After the same entries they must have the same state. Either their logs differ, or not all of them have \
                     executed each entry once.";
        ("the servers have different states", words)
    };
    Some(Finding {
        title: title.to_owned(),
        words: format!("{list}{words}"),
        operations: Vec::new(),
        span: None,
    })
}
