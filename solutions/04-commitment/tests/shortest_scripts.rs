//! Exercise 4.14: which scripts are accepted, what is said of others, and which bounds find the mistake.

use std::fs;
use std::path::Path;

use ::commitment_solution as subject;
use gates::{Suite, run_here};
use subject::RULES;
use subject::data_model as model;

#[path = "../../../tests/boot.rs"]
mod boot;
#[path = "../../../tests/04-commitment/shortest.rs"]
mod shortest;
use boot::servers_with;

/// The texts of the checks that are red with this script.
fn red(name: &str, text: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shortest-{name}"));
    fs::create_dir_all(dir.join("src")).unwrap();
    fs::write(dir.join("src/explored.scenario"), text).unwrap();
    let checks = shortest::task(&RULES).checks(dir.to_str().unwrap());
    let suite = Suite::new("04-commitment", &dir, checks);
    let reports = suite.checks.iter().map(|check| run_here(&suite, check, 1));
    let red: Vec<String> = reports.filter(|it| !it.passed()).map(|it| it.text).collect();
    red.join("\n").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_wrong_script_is_red_with_a_text_that_leads_on() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explored.scenario");
    let right = fs::read_to_string(file).unwrap();
    assert_eq!(red("right", &right), "");
    for (name, text, words) in [
        ("nothing", "cluster 3\ntimeout S1\nsettle\n---\n", "complete only within them"),
        ("given", "cluster 3\ngiven S1 term=3\n---\n", "begins with a new cluster"),
        ("expect", "cluster 3\nexpect S1 term=4\n---\n", "expect S1 term=4"),
    ] {
        let red = red(name, text);
        assert!(red.contains(words), "{words}: {red}");
    }
    let slow = right.replacen("cluster 3\n", "cluster 3\ntimeout S3\nlose\n", 1);
    let red = red("slow", &slow);
    assert!(red.contains("events, and that is possible"), "{red}");
}
