//! Histories made by hand, with known verdicts.

use std::io;

use torture::history::{Call, History, Operation};
use torture::verdict::{Verdict, verdict};

/// A history of these lines. `{…}` is an operation in short: `client called returned name key arguments -> answer`;
/// without an answer it is of unknown outcome.
fn history(lines: &[&str]) -> History {
    let run = r#"{"kind":"run","version":1,"made_of":"reference","servers":3,"clients":4,"seconds":60,"seed":1,"faults":[],"sessions":true,"election_timeout":1000}"#;
    let lines = lines
        .iter()
        .map(|line| if line.starts_with('{') { (*line).to_owned() } else { operation(line) });
    History::of_lines([run.to_owned()].into_iter().chain(lines).map(Ok::<_, io::Error>)).unwrap()
}

fn operation(line: &str) -> String {
    let (asked, answer) = match line.split_once(" -> ") {
        Some((asked, answer)) => (asked, Some(answer)),
        None => (line, None),
    };
    let words: Vec<&str> = asked.split(' ').collect();
    let [client, called, returned, name, key, arguments @ ..] = &words[..] else {
        panic!("{line}")
    };
    let mut json = serde_json::json!({
        "kind": "operation", "client": client.parse::<u64>().unwrap(), "called": called.parse::<u64>().unwrap(),
        "call": {"name": name, "key": key, "arguments": arguments},
        "outcome": if answer.is_some() { "done" } else { "unknown" },
        "attempts": [[1, called.parse::<u64>().unwrap(), 0, "done"]],
    });
    if let Some(answer) = answer {
        json["returned"] = returned.parse::<u64>().unwrap().into();
        if answer != "none" {
            json["answer"] = answer.into();
        }
    }
    json.to_string()
}

fn judged(lines: &[&str]) -> Verdict {
    verdict(&history(lines))
}

fn is_well(lines: &[&str]) {
    let verdict = judged(lines);
    assert!(verdict.is_well() && verdict.undecided.is_empty(), "{verdict}");
}

/// The only finding has this title, and names these operations.
fn is_found(lines: &[&str], title: &str, operations: &[usize]) {
    let verdict = judged(lines);
    let [finding] = &verdict.findings[..] else { panic!("{verdict}") };
    assert!(finding.title.contains(title), "{verdict}");
    assert_eq!(finding.operations, operations, "{verdict}");
}

#[test]
fn a_register_in_order_is_well() {
    is_well(&[
        "1 10 20 get register-1 -> none",
        "1 30 40 set register-1 5 -> OK",
        "2 35 50 get register-1 -> 5",
        "3 60 70 set register-1 6",
        "2 80 90 get register-1 -> 6",
    ]);
}

#[test]
fn a_stale_read_is_found() {
    is_found(
        &[
            "1 10 20 set register-1 5 -> OK",
            "1 30 40 set register-1 6 -> OK",
            "2 50 60 get register-1 -> 5",
        ],
        "a stale read, or a write that was lost",
        &[0, 2, 1],
    );
}

#[test]
fn a_write_that_was_acknowledged_and_lost_is_found() {
    is_found(
        &["1 10 20 set register-1 5 -> OK", "2 900 910 get register-1 -> none"],
        "a stale read, or a write that was lost",
        &[1, 0],
    );
}

#[test]
fn a_value_that_nobody_wrote_is_found() {
    is_found(&["1 10 20 get register-1 -> 5"], "a value that nobody wrote", &[0]);
}

#[test]
fn a_write_of_unknown_outcome_may_come_late_but_only_once() {
    is_well(&[
        "1 10 20 set register-1 5",
        "2 30 40 get register-1 -> none",
        "2 50 60 get register-1 -> 5",
    ]);
    is_found(
        &[
            "1 10 20 set register-1 5",
            "2 30 40 get register-1 -> 5",
            "2 50 60 get register-1 -> none",
        ],
        "a stale read",
        &[2, 1],
    );
}

#[test]
fn an_answer_that_is_none_is_found() {
    let title = "an answer that is no answer to what was asked";
    is_found(&["1 10 20 set register-1 5 -> error:"], title, &[0]);
    is_found(&["1 10 20 get register-1 -> x"], title, &[0]);
    let cas = ["1 10 20 append short-0-0 a, -> 2", "2 30 40 cas short-0-0 b, c, -> error:"];
    is_found(&cas, "no order explains the answers", &[0, 1]);
}

#[test]
fn what_was_certainly_not_executed_does_not_count() {
    let nothing = operation("1 10 20 set register-1 5 -> OK").replace("\"done\"", "\"nothing\"");
    is_well(&[&nothing, "2 30 40 get register-1 -> none"]);
    is_found(&[&nothing, "2 30 40 get register-1 -> 5"], "a value that nobody wrote", &[1]);
}

#[test]
fn a_counter_in_order_is_well() {
    is_well(&[
        "1 10 20 incrby counter-1 3 -> 3",
        "2 15 40 incrby counter-1 5 -> 8",
        "3 30 60 incrby counter-1 7",
        "2 50 60 get counter-1 -> 8",
        "2 70 80 get counter-1 -> 15",
    ]);
}

#[test]
fn an_increment_that_was_lost_is_found() {
    is_found(
        &["1 10 20 incrby counter-1 3 -> 3", "2 30 40 get counter-1 -> 0"],
        "an acknowledged increment is missing",
        &[0, 1],
    );
    // Both say that they were first.
    is_found(
        &["1 10 40 incrby counter-1 3 -> 3", "2 15 40 incrby counter-1 5 -> 5"],
        "an increment was lost",
        &[0, 1],
    );
}

#[test]
fn an_increment_that_was_executed_twice_is_found() {
    is_found(
        &["1 10 20 incrby counter-1 3 -> 3", "2 30 40 get counter-1 -> 6"],
        "an increment was executed twice",
        &[0, 1],
    );
    is_found(
        &["1 10 20 incrby counter-1 3 -> 3", "2 30 40 get counter-1 -> 5"],
        "an answer is larger than all increments together",
        &[1],
    );
    // Nobody added the 2 between the first and the second.
    is_found(
        &[
            "1 10 90 incrby counter-1 3 -> 3",
            "2 10 90 incrby counter-1 5 -> 10",
            "3 10 90 incrby counter-1 7 -> 12",
        ],
        "the counter grew by more than its increments",
        &[0, 1],
    );
    // One of unknown outcome may explain 2 more, but not 3.
    let lines = |more: u64| {
        [
            "1 10 20 incrby counter-1 10 -> 10".to_owned(),
            "3 12 14 incrby counter-1 2".to_owned(),
            format!("2 30 40 incrby counter-1 20 -> {}", 30 + more),
        ]
    };
    let judge = |more| {
        let lines = lines(more);
        judged(&[&lines[0], &lines[1], &lines[2]])
    };
    assert!(judge(2).is_well());
    assert!(!judge(3).is_well());
}

#[test]
fn a_counter_that_goes_back_is_found() {
    is_found(
        &[
            "1 10 90 incrby counter-1 3 -> 3",
            "2 20 30 get counter-1 -> 3",
            "2 40 50 get counter-1 -> 0",
        ],
        "a counter went back",
        &[1, 2],
    );
}

#[test]
fn short_lived_keys_are_searched() {
    is_well(&[
        "1 10 20 append short-0-0 a, -> 2",
        "2 15 40 append short-0-0 b, -> 4",
        "3 50 60 get short-0-0 -> a,b,",
        "3 61 65 cas short-0-0 a,b, c, -> 1",
        "2 66 70 cas short-0-0 a,b, d, -> 0",
        "2 71 72 append short-0-0 e,",
        "2 80 81 get short-0-0 -> c,e,",
    ]);
    let twice = [
        "1 10 20 append short-0-0 a, -> 2",
        "2 25 40 append short-0-0 b, -> 6",
        "3 50 60 get short-0-0 -> a,b,",
    ];
    is_found(&twice, "no order explains the answers", &[0, 1]);
    let exchanged_twice = [
        "1 10 20 append short-0-0 a, -> 2",
        "2 25 40 cas short-0-0 a, b, -> 1",
        "3 26 45 cas short-0-0 a, c, -> 1",
    ];
    is_found(&exchanged_twice, "no order explains the answers", &[0, 1, 2]);
}

#[test]
fn servers_must_agree_at_the_end_and_live() {
    let end = |server: u64, applied: u64, checksum: &str| {
        format!(r#"{{"kind":"end","server":{server},"applied":{applied},"checksum":"{checksum}"}}"#)
    };
    is_well(&[&end(1, 7, "aa"), &end(2, 7, "aa")]);
    is_found(&[&end(1, 7, "aa"), &end(2, 7, "ab")], "different states", &[]);
    is_found(&[&end(1, 7, "aa"), &end(2, 6, "aa")], "not applied the same entries", &[]);
    let silent = r#"{"kind":"end","server":2,"applied":null,"checksum":""}"#;
    is_found(&[&end(1, 7, "aa"), silent], "not applied the same entries", &[]);
    let died = r#"{"kind":"died","server":2,"at":5,"words":"panicked"}"#;
    is_found(&[died], "S2 has ended by itself", &[]);
}

#[test]
fn commands_must_be_executed_soon_after_a_healing() {
    let healed = r#"{"kind":"healed","at":1000}"#;
    let available = |at: u64| format!(r#"{{"kind":"available","healed":1000,"at":{at}}}"#);
    is_well(&[healed, &available(11_000)]);
    is_found(&[healed, &available(11_001)], "not available in time", &[]);
    is_found(&[healed], "not available in time", &[]);
}

#[test]
fn a_history_is_the_same_after_it_was_written() {
    let history = history(&[
        "1 10 20 set register-1 5 -> OK",
        "1 30 40 get register-1 -> none",
        "2 35 50 append short-0-0 \"x\\,",
        r#"{"kind":"fault","fault":"kill","begin":1,"end":2,"words":"S1 is killed"}"#,
        r#"{"kind":"role","server":1,"at":3,"role":"leader","term":2}"#,
    ]);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("history.jsonl");
    history.write(&path).unwrap();
    assert_eq!(History::read(&path).unwrap(), history);
}

#[test]
fn a_line_that_is_none_is_named() {
    let lines = ["{}"].map(|line| Ok::<_, io::Error>(line.to_owned()));
    let error = History::of_lines(lines.into_iter()).unwrap_err().to_string();
    assert!(error.contains("line 1 is no line of a history"), "{error}");
    let error = History::of_lines(std::iter::empty()).unwrap_err().to_string();
    assert!(error.contains("begins with a line of the kind `run`"), "{error}");
}

#[test]
fn jepsen_sees_a_client_of_unknown_outcome_as_crashed() {
    let history = history(&[
        "1 10 20 set register-1 5",
        "1 30 40 get register-1 -> none",
        "2 35 50 append short-0-0 a, -> 2",
    ]);
    let edn = torture::edn(&history);
    let expected = r#"{:index 0, :time 10, :process 1, :type :invoke, :f :set, :value ["register-1" "5"]}
{:index 1, :time 30, :process 6, :type :invoke, :f :get, :value ["register-1"]}
{:index 2, :time 35, :process 2, :type :invoke, :f :append, :value ["short-0-0" "a,"]}
{:index 3, :time 40, :process 6, :type :ok, :f :get, :value ["register-1" nil]}
{:index 4, :time 50, :process 2, :type :ok, :f :append, :value ["short-0-0" "a," "2"]}
{:index 5, :time 50, :process 1, :type :info, :f :set, :value ["register-1" "5"]}
"#;
    assert_eq!(edn, expected);
}

/// As many operations as a minute of eight clients on eight registers, with one stale read among them.
#[test]
fn one_stale_read_among_three_hundred_thousand_operations_is_found() {
    let mut history = history(&["1 0 1 set register-1 1 -> OK"]);
    let one = history.operations.remove(0);
    for number in 0..150_000_u64 {
        let at = number * 10;
        let (key, value) = (format!("register-{}", number % 8), (number + 1).to_string());
        let call = Call::new("set", &key, std::slice::from_ref(&value));
        let returned = Some(at + 7);
        let write = Operation { call, called: at, returned, ..one.clone() };
        let call = Call::new("get", &key, &[]);
        let (called, returned, answer) = (at + 8, Some(at + 9), Some(value));
        let read = Operation { call, called, returned, answer, ..one.clone() };
        history.operations.extend([write, read]);
    }
    assert!(verdict(&history).is_well());
    let read = history.operations.len() - 101;
    let answer = &mut history.operations[read].answer;
    *answer = answer.as_ref().and_then(|it| it.parse().ok()).map(|it: u64| (it - 8).to_string());
    let verdict = verdict(&history);
    let [finding] = &verdict.findings[..] else { panic!("{verdict}") };
    assert!(finding.operations.contains(&read), "{verdict}");
}
