//! Exercise 1.3: which states of a learner's the checks accept, and what they say of others.

use std::fs;
use std::path::Path;

use gates::{Suite, run_here};

#[path = "../../01-data-model/figure_2.rs"]
mod figure_2;
#[path = "../../01-data-model/own_state.rs"]
mod own_state;
#[path = "../../01-data-model/state.rs"]
mod state;

const OTHER_NAMES: &str = "\
epoch: u64  disk  all
promised_to: Option<ServerId>  disk  all
history: Vec<LogEntry>  disk  all
safe_up_to: Index  memory  all
executed_up_to: Index  memory  all
send_from: BTreeMap<ServerId, Index>  memory  leaders   # as in Figure 2
holds_up_to: Vec<Index>  memory  leaders
supporters: Vec<Server>  memory  candidates
";

/// The texts of the checks that are red with this file.
fn red(name: &str, text: &str) -> Vec<String> {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("own-state-{name}"));
    fs::create_dir_all(dir.join("src")).unwrap();
    fs::write(dir.join("src/state.answer"), text).unwrap();
    let suite = Suite::new("01-data-model", &dir, state::checks(dir.to_str().unwrap()));
    let reports = suite.checks.iter().map(|check| run_here(&suite, check, 1));
    reports.filter(|report| !report.passed()).map(|report| report.text).collect()
}

#[test]
fn names_are_free() {
    assert_eq!(red("names", OTHER_NAMES), Vec::<String>::new());
}

#[test]
fn each_mistake_is_named() {
    let cases = [
        ("executed_up_to: Index  memory  all\n", "", "Was it executed already?"),
        (
            "promised_to: Option<ServerId>  disk",
            "promised_to: Option<ServerId>  memory",
            "votes a second time",
        ),
        (
            "history: Vec<LogEntry>  disk",
            "history: Vec<LogEntry>  memory",
            "counts this server's copy",
        ),
        ("executed_up_to: Index  memory", "last_applied: Index  disk", "never execute them again"),
        ("memory  leaders   #", "memory  all #", "Only a leader sends entries"),
        ("promised_to: Option<ServerId>", "votedFor: bool", "it is bool"),
        ("epoch: u64  disk", "epoch: u64  diskette", ":1: `diskette` is neither"),
        ("epoch: u64  disk  all", "epoch disk all", ":1: there is no colon"),
        ("epoch: u64  disk  all", "epoch: disk all", ":1: it lacks a part"),
        (
            "history: Vec<LogEntry>  disk  all",
            "history: Vec<LogEntry>  disk  some",
            "`some` is none of",
        ),
        ("holds_up_to:", "send_from:", "`send_from` is on line 6 already"),
    ];
    for (at, (from, to, words)) in cases.into_iter().enumerate() {
        let text = OTHER_NAMES.replacen(from, to, 1);
        assert_ne!(text, OTHER_NAMES, "{from}");
        let red = red(&at.to_string(), &text);
        let flat = red.join("\n").split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(flat.contains(words), "{words}:\n{}", red.join("\n"));
    }
    assert!(red("empty", "# nothing\n")[0].contains("no variables"));
    assert!(red("todo", "todo \"exercise 1.3\"\n")[0].contains("1.3"));
}

#[test]
fn a_shorter_list_says_how_much_is_missing() {
    let first = red("short", "term: Term disk all\n");
    let flat = first.join("\n").split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains("May it have it?") && flat.contains("6 questions are open"), "{flat}");
}
