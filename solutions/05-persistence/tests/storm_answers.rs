//! Exercise 5.9: which answers are accepted, and what is said of others.

use std::fs;
use std::path::Path;

use ::persistence_solution as subject;
use gates::{Suite, run_here};
use subject::RULES;
use subject::data_model as model;

#[path = "../../../tests/05-persistence/bad_storm.rs"]
mod bad_storm;
#[path = "../../../tests/boot.rs"]
mod boot;
use boot::servers_with;

/// The texts of the checks that are red with this answer.
fn red(name: &str, text: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("storm-answer-{name}"));
    fs::create_dir_all(dir.join("src")).unwrap();
    fs::write(dir.join("src/storm.answer"), text).unwrap();
    let checks = bad_storm::task(&RULES).checks(dir.to_str().unwrap());
    let suite = Suite::new("05-persistence", &dir, checks);
    let reports = suite.checks.iter().map(|check| run_here(&suite, check, 1));
    let red: Vec<String> = reports.filter(|it| !it.passed()).map(|it| it.text).collect();
    red.join("\n").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_wrong_answer_is_red_with_a_question_that_leads_on() {
    let right = "storm seed=1 number=6\nbreaks D\nmistake S\n";
    for (name, from, to, words) in [
        ("well", "number=6", "number=1", "it ends well"),
        ("property", "breaks D", "breaks F", "F is What a server has told others survives a crash"),
        ("mistake", "mistake S", "mistake Q", "a voter that has not crashed"),
        ("letter", "mistake S", "mistake Z", "there is no mistake `Z`"),
        ("number", "number=6", "number=six", "number=six is not a number"),
        ("seed", "seed=1 ", "", "`seed=…` once"),
    ] {
        let red = red(name, &right.replace(from, to));
        assert!(red.contains(words), "{words}: {red}");
    }
    assert_eq!(red("right", right), "");
}

#[test]
fn fuzz_finds_a_storm_soon() {
    let check = bad_storm::fuzzed(1..=60);
    let suite = Suite::new("05-persistence", env!("CARGO_MANIFEST_DIR"), vec![check]);
    let report = run_here(&suite, &suite.checks[0], 7);
    assert!(report.text.contains("Leader Completeness"), "{}", report.text);
}
