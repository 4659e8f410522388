//! What is printed as a list: for people, for `grep` and for programs.

#[path = "support/runner.rs"]
mod runner;
mod support;

use support::Lab;

#[test]
fn a_list_has_the_exercises_whose_lines_have_all_words() {
    let lab = Lab::new("list");
    let all = lab.run(&["list"]);
    all.expect(0, &["0.1   next", "2.3   open", "Granting a vote", "7.11  open"]);
    lab.run(&["skip", "0.1"]).expect(0, &[]);
    let some = lab.run(&["list", "OPEN", "election"]);
    some.expect(0, &["2.3   open"]);
    assert!(some.text.lines().all(|line| line.contains("open")), "{}", some.text);
    lab.run(&["list", "skipped"]).expect(0, &["0.1   skipped"]);
    lab.run(&["list", "no such word"]).expect(2, &["no exercise has the words", "list open"]);
}

#[test]
fn hints_are_told_to_programs_one_more_each_time() {
    let lab = Lab::new("hint-json");
    let hints = |arguments: &[&str]| -> serde_json::Value {
        let said = lab.run(arguments);
        said.expect(0, &[]);
        serde_json::from_str(&said.text).unwrap()
    };
    let first = hints(&["hint", "2.3", "--json"]);
    assert_eq!((&first["version"], &first["exercise"]), (&1.into(), &"2.3".into()));
    assert_eq!(first["hints"].as_array().unwrap().len(), 1);
    assert_eq!(hints(&["hint", "2.3", "--json"])["hints"].as_array().unwrap().len(), 2);
}

#[test]
fn points_are_counted_before_the_stretch() {
    let lab = Lab::new("points");
    lab.write(".progress", "done 1.2\ndone 7.1\n");
    let points = |id: &str| -> u64 {
        let said = lab.run(&["status", "--json"]).text;
        let answer: serde_json::Value = serde_json::from_str(&said).unwrap();
        let modules = answer["modules"].as_array().unwrap();
        let mut all = modules.iter().flat_map(|module| module["exercises"].as_array().unwrap());
        all.find(|exercise| exercise["id"] == id).unwrap()["points"].as_u64().unwrap()
    };
    lab.run(&["status"]).expect(0, &["░", &format!(" {} of ", points("1.2")), " points"]);
}
