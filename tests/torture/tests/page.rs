//! The page of a run is data, and fetches nothing.

use std::io;

use torture::history::History;
use torture::page;
use torture::verdict::verdict;

const STRANGE: &str = "</svg><script>alert(1)</script> {{body}}";

fn history() -> History {
    let lines = [
        serde_json::json!({"kind": "run", "version": 1, "made_of": STRANGE, "servers": 3, "clients": 2, "seconds": 2,
            "seed": 1, "faults": ["kill"], "sessions": true, "election_timeout": 1_000_000_000}),
        serde_json::json!({"kind": "fault", "fault": STRANGE, "begin": 1_000_000, "end": 2_000_000, "words": STRANGE}),
        serde_json::json!({"kind": "fault", "fault": "kill", "begin": 3_000_000, "end": 90_000_000, "words": "S1"}),
        serde_json::json!({"kind": "healed", "at": 90_000_000}),
        serde_json::json!({"kind": "available", "healed": 90_000_000, "at": 120_000_000}),
        serde_json::json!({"kind": "role", "server": 1, "at": 5, "role": "leader", "term": 1}),
        serde_json::json!({"kind": "role", "server": 1, "at": 3_000_000, "role": STRANGE, "term": 1}),
        serde_json::json!({"kind": "operation", "client": 0, "called": 100, "returned": 5_000_000, "outcome": "done",
            "call": {"name": "set", "key": "register-1", "arguments": ["7"]}, "answer": "OK", "attempts": []}),
        serde_json::json!({"kind": "operation", "client": 1, "called": 6_000_000, "returned": 7_000_000,
            "call": {"name": "get", "key": "register-1", "arguments": []}, "outcome": "done", "answer": STRANGE,
            "attempts": [[1, 6_000_000, 7_000_000, "done"]]}),
        serde_json::json!({"kind": "operation", "client": 1, "called": 8_000_000, "returned": 9_000_000,
            "call": {"name": "get", "key": "register-2", "arguments": []}, "outcome": "done", "answer": "9",
            "attempts": [[1, 6_000_000, 7_000_000, "done"]]}),
    ];
    let lines = lines.iter().map(|line| Ok::<_, io::Error>(line.to_string()));
    History::of_lines(lines).unwrap()
}

#[test]
fn a_history_is_data_and_never_markup() {
    let history = history();
    let page = page(&history, &verdict(&history));
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(page.matches("<body>").count(), 1);
    assert_eq!(page.matches("<svg").count(), page.matches("</svg>").count());
    assert!(page.contains("&lt;script&gt;alert(1)"));
}

#[test]
fn the_page_fetches_nothing_and_needs_no_script() {
    let history = history();
    let page = page(&history, &verdict(&history));
    assert!(page.contains("default-src 'none'; style-src 'unsafe-inline'"));
    for mark in ["http://", "https://", " src=", "url(", "@import", "href=", "onload"] {
        assert!(!page.contains(mark), "{mark}");
    }
}

#[test]
fn what_contradicts_is_drawn_with_the_faults_and_the_leaders_of_its_time() {
    let history = history();
    let page = page(&history, &verdict(&history));
    assert!(page.contains("a value that nobody wrote"), "{page}");
    assert!(page.contains("class=\"guilty\""), "{page}");
    assert!(page.contains("class=\"band kill\""), "{page}");
    assert!(page.contains("S1 is leader of term 1"), "{page}");
    assert!(page.contains("after 0.030 s"), "{page}");
}
