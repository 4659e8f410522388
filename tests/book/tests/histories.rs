//! The histories that chapter 4 draws are what it says of them, by the checker that judges the storms.

use std::fs;
use std::path::Path;

use protocol::{Index, KeyValue, StateMachine as _};
use simulator::{Linearizability, Operation, linearizability};

/// A history as it is drawn: each line is one client, and columns are moments.
#[derive(Default)]
struct History {
    is_linearizable: bool,
    /// The requests of each client, in the order in which it sent them.
    clients: Vec<Vec<Operation>>,
}

impl History {
    fn operations(&self) -> Vec<Operation> {
        self.clients.concat()
    }

    /// Whether one order explains the answers if only each client's own sequence counts.
    fn is_sequentially_consistent(&self) -> bool {
        let left: Vec<&[Operation]> = self.clients.iter().map(Vec::as_slice).collect();
        explains(&left, &KeyValue::default())
    }
}

/// Whether the requests that are left can be executed in some order on this store, with their answers.
fn explains(left: &[&[Operation]], store: &KeyValue) -> bool {
    if left.iter().all(|requests| requests.is_empty()) {
        return true;
    }
    (0..left.len()).any(|client| {
        let Some((first, rest)) = left[client].split_first() else { return false };
        let mut store = store.clone();
        let result = store.apply(Index(0), first.command.as_bytes());
        let fits = first.returned.as_ref().is_none_or(|(_, seen)| seen.as_bytes() == &result[..]);
        let mut left = left.to_vec();
        left[client] = rest;
        fits && explains(&left, &store)
    })
}

/// The requests in a client's line: `├─ get x = 1 ─┤`, or without an end if no answer arrived.
fn requests(line: &str) -> Vec<Operation> {
    let columns: Vec<char> = line.chars().collect();
    let starts: Vec<usize> = (0..columns.len()).filter(|&at| columns[at] == '├').collect();
    let request = |&start: &usize| {
        let end = (start..columns.len()).find(|&at| columns[at] == '┤');
        let label: String = columns[start + 1..end.unwrap_or(columns.len())].iter().collect();
        let label = label.split("── no answer").next().unwrap_or_default();
        let label = label.trim_matches(['─', ' ']);
        let (command, seen) = label.split_once(" = ").unwrap_or((label, "ok"));
        let seen = seen.replace("nothing", "none");
        let moment = |column: usize| u64::try_from(column).expect("a column is small");
        let returned = end.map(|end| (moment(end), seen));
        Operation { command: command.to_owned(), called: moment(start), returned }
    };
    starts.iter().map(request).collect()
}

fn histories() -> Vec<History> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/chapters/04-commitment.md");
    let page = fs::read_to_string(path).expect("the chapter is there");
    let (_, section) = page.split_once("### Linearizability").expect("it has the section");
    let block = section.split("```").nth(1).expect("the histories are in a block");
    let mut histories: Vec<History> = Vec::new();
    for line in block.lines().skip(1).filter(|line| line.contains('├')) {
        if line.starts_with(' ') && line[1..].starts_with(char::is_numeric) {
            histories.push(History::default());
        }
        let history = histories.last_mut().expect("the first line has a number");
        history.is_linearizable |= line.ends_with(" linearizable") && !line.contains(" not ");
        history.clients.push(requests(line));
    }
    histories
}

#[test]
fn each_history_of_chapter_4_is_what_the_chapter_says() {
    let histories = histories();
    assert_eq!(histories.len(), 4);
    for (history, number) in histories.iter().zip(1..) {
        let verdict = linearizability(&history.operations(), 1_000);
        let is_linearizable = verdict == Linearizability::Linearizable;
        assert_eq!(is_linearizable, history.is_linearizable, "history {number}: {verdict}");
        assert!(history.is_sequentially_consistent(), "history {number}");
    }
}

#[test]
fn without_its_last_answer_each_history_can_be_explained() {
    for (mut history, number) in histories().into_iter().zip(1..) {
        let last = history.clients.last_mut().and_then(|requests| requests.last_mut());
        last.expect("each client asks for something").returned = None;
        let verdict = linearizability(&history.operations(), 1_000);
        assert_eq!(verdict, Linearizability::Linearizable, "history {number}");
    }
}
