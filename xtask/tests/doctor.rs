//! `doctor`: what it finds, and what it says to do.

#[path = "support/runner.rs"]
mod runner;
mod support;

use std::fs::{self, File};

use support::Lab;

/// A copy whose judge is not compared: in a tree that an author is working on, it may have changed.
fn lab_of_any_judge(name: &str) -> Lab {
    let lab = Lab::new(name);
    fs::remove_file(lab.0.join(".pristine/judge.txt")).unwrap();
    lab
}

#[test]
fn a_tree_as_it_was_handed_out_is_well() {
    let lab = lab_of_any_judge("doctor");
    let words = [
        "or later",
        "handed out",
        "No other cargo is building",
        "No other command of the runner",
        "left files behind",
    ];
    lab.run(&["doctor"]).expect(0, &words);
}

#[test]
fn what_is_wrong_is_named_with_what_to_do() {
    let lab = Lab::new("doctor-wrong");
    let votes = "tests/02-election/votes.rs";
    let text = fs::read_to_string(lab.0.join(votes)).unwrap();
    lab.write(votes, &(text + "// Changed.\n"));
    fs::remove_file(lab.0.join("tests/boot.rs")).unwrap();
    let words = ["not as they were handed out", "tests/boot.rs", votes, "git restore"];
    lab.run(&["doctor"]).expect(1, &words);
}

#[test]
fn locks_and_leftovers_are_found() {
    let lab = lab_of_any_judge("doctor-locks");
    fs::create_dir_all(lab.0.join("target/debug")).unwrap();
    fs::create_dir_all(lab.0.join("target/recorded-old")).unwrap();
    let cargo = File::create(lab.0.join("target/debug/.cargo-lock")).unwrap();
    cargo.lock().unwrap();
    let runner = File::create(lab.0.join(".progress.lock")).unwrap();
    runner.lock().unwrap();
    let words = ["Another cargo is building", "targetDir", "is saving something", "recorded-old"];
    lab.run(&["doctor"]).expect(0, &words);
}
