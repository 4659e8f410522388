//! Several runners in one tree, as with a terminal for each.

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::collections::BTreeSet;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Stdio};

use runner::{command, ended};
use support::Lab;

/// Starts commands at the same time, and waits for all.
fn together(lab: &Lab, commands: &[Vec<&str>]) {
    let start = |arguments: &Vec<&str>| command(&lab.0, arguments).spawn().unwrap();
    let children: Vec<Child> = commands.iter().map(start).collect();
    for child in children {
        ended(child).expect(0, &[]);
    }
}

fn lines(lab: &Lab) -> BTreeSet<String> {
    lab.read(".progress").lines().filter(|line| !line.starts_with('#')).map(str::to_owned).collect()
}

#[test]
fn six_at_once_all_save_their_progress() {
    let lab = Lab::new("together six");
    for round in 0..20 {
        let _ = std::fs::remove_file(lab.0.join(".progress"));
        let ids = ["0.1", "0.2", "1.1", "1.6", "1.7", "1.8"];
        together(&lab, &ids.map(|id| vec!["hint", id]));
        let expected = ids.map(|id| format!("hint {id} 1")).into();
        assert_eq!(lines(&lab), expected, "round {round}");
    }
}

#[test]
fn a_skip_and_a_hint_in_two_terminals_both_last() {
    let lab = Lab::new("together-two");
    for (skipped, hinted) in [("0.1", "3.2"), ("0.2", "3.3"), ("0.3", "3.4"), ("0.4", "3.5")] {
        together(&lab, &[vec!["skip", skipped], vec!["hint", hinted]]);
    }
    let skipped = (1..5).map(|number| format!("skipped 0.{number}"));
    let hints = (2..6).map(|number| format!("hint 3.{number} 1"));
    assert_eq!(lines(&lab), skipped.chain(hints).collect());
}

/// A quiz that waits for an answer: it has read the file of progress, and writes it after the answer.
struct Quiz {
    child: Child,
    output: BufReader<ChildStdout>,
}

impl Quiz {
    /// Starts it, and waits until it asks its first question.
    fn start(lab: &Lab) -> Self {
        let mut child = command(&lab.0, &["quiz", "2"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.contains("  a  ") {
            line.clear();
            assert_ne!(output.read_line(&mut line).unwrap(), 0, "it ends without a question");
        }
        Quiz { child, output }
    }

    fn answer(&mut self, lines: &str) {
        self.child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    }

    fn end(mut self) {
        // It must not block because nobody reads.
        io::copy(&mut self.output, &mut io::sink()).unwrap();
        ended(self.child).expect(0, &[]);
    }
}

/// As with a check that takes minutes.
#[test]
fn progress_saved_during_a_long_command_lasts() {
    let lab = Lab::new("together-long");
    let mut long = Quiz::start(&lab);
    lab.run(&["hint", "1.6"]).expect(0, &[]);
    lab.run(&["skip", "0.1"]).expect(0, &[]);
    long.answer("b\nq\n");
    long.end();
    let expected = ["skipped 0.1", "hint 1.6 1", "answered q2.4 right"];
    assert_eq!(lines(&lab), expected.map(str::to_owned).into());
}

#[test]
fn answers_that_are_given_at_once_are_all_in_the_notes() {
    let lab = Lab::new("together-notes");
    for round in 0..5 {
        let mut all: Vec<Quiz> = (0..4).map(|_| Quiz::start(&lab)).collect();
        for (number, quiz) in all.iter_mut().enumerate() {
            quiz.answer(&format!("{}answer {round}.{number}\n\n", "\n".repeat(9)));
        }
        all.into_iter().for_each(Quiz::end);
        let notes = lab.read("docs/resources/notes/02-election.md");
        for number in 0..4 {
            let answer = format!("\nanswer {round}.{number}\n");
            assert!(notes.contains(&answer), "no{answer}in:\n{notes}");
        }
        // Otherwise the question is no longer asked.
        std::fs::remove_file(lab.0.join(".progress")).unwrap();
    }
}

#[test]
fn resets_of_one_file_at_once_are_all_done_and_all_keep_a_copy() {
    const NODE: &str = "modules/01-data-model/src/node.rs";
    let lab = Lab::new("together-reset");
    let stub = lab.read(NODE);
    let answer: serde_json::Value =
        serde_json::from_str(&lab.run(&["status", "--json"]).text).unwrap();
    let exercises = answer["modules"][1]["exercises"].as_array().unwrap();
    let ids: Vec<&str> = exercises
        .iter()
        .filter(|exercise| exercise["file"] == NODE)
        .map(|exercise| exercise["id"].as_str().unwrap())
        .collect();
    assert!(ids.len() > 1, "{ids:?}");
    let mine = stub.replace("todo!(\"exercise", "panic!(\"mine");
    for _ in 0..5 {
        lab.write(NODE, &mine);
        let resets = ids.iter().map(|id| vec!["reset", id, "--yes"]);
        together(&lab, &resets.collect::<Vec<_>>());
        assert_eq!(lab.read(NODE), stub);
    }
    let kept: Vec<String> = lab.tree().into_keys().filter(|path| path.ends_with(NODE)).collect();
    let first = kept.iter().filter(|path| path.starts_with(".kept/"));
    let is_whole = |path: &&String| lab.read(path) == mine;
    assert!(first.filter(is_whole).count() >= 5, "{kept:?}");
    assert_eq!(kept.len(), 5 * ids.len() + 1, "{kept:?}");
}
