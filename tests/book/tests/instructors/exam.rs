//! The exam bank: every key comes true on the reference, or rests on a section that exists.

use std::fs;
use std::path::PathBuf;

use gates::{ExerciseId, scenario};
use regex_lite::Regex;

use crate::{none, page, reference};

const PAGE: &str = "docs/instructors/exam-bank.md";

/// How many items there are.
const ITEMS: usize = 60;

/// What a false statement begins with in a script.
const FALSE: &str = "# false: ";

struct Item {
    number: usize,
    points: u32,
    text: String,
    /// Scripts, each with its module.
    scripts: Vec<(u32, String)>,
}

fn items() -> Vec<Item> {
    let text = page(PAGE);
    let heading = Regex::new(r"^(\d+)\. .+ \((\d+) points\)$").expect("a pattern");
    let fence = Regex::new(r"(?s)```scenario of module (\d)\n(.*?)```").expect("a pattern");
    let read = |part: &str| {
        let (head, text) = part.split_once('\n').unwrap_or((part, ""));
        let head =
            heading.captures(head).unwrap_or_else(|| panic!("`{head}` is no heading of an item"));
        let scripts = fence.captures_iter(text);
        Item {
            number: head[1].parse().expect("digits"),
            points: head[2].parse().expect("digits"),
            text: text.to_owned(),
            scripts: scripts
                .map(|it| (it[1].parse().expect("a digit"), it[2].to_owned()))
                .collect(),
        }
    };
    text.split("\n### ").skip(1).map(read).collect()
}

#[test]
fn there_are_sixty_items_each_with_a_key_and_points() {
    let items = items();
    let numbers: Vec<usize> = items.iter().map(|item| item.number).collect();
    assert_eq!(numbers, (1..=ITEMS).collect::<Vec<_>>());
    for item in &items {
        assert!(item.text.matches("**Key.**").count() == 1, "item {} has no key", item.number);
        assert!((2..=6).contains(&item.points), "item {} has {} points", item.number, item.points);
    }
}

#[test]
fn a_key_is_run_or_has_a_source() {
    const SECTIONS: [&str; 23] = [
        "1", "2", "3", "4", "5", "5.1", "5.2", "5.3", "5.4", "5.4.1", "5.4.2", "5.4.3", "5.5",
        "5.6", "6", "7", "8", "9", "9.1", "9.2", "9.3", "10", "11",
    ];
    // Those of the dissertation that this course rests on.
    const OF_DISSERTATION: [&str; 11] =
        ["3.8", "3.10", "4.1", "4.2.1", "4.2.2", "4.2.3", "5.1.3", "6.2", "6.3", "6.4", "9.6"];
    let part = Regex::new(r"^(?:Figure (\d+)(?: \([A-Za-z, ;-]+\))?|(dissertation )?§([\d.]+))$")
        .expect("a pattern");
    let mut wrong = Vec::new();
    for item in items() {
        let source = item.text.lines().find_map(|line| line.strip_prefix("*Source:* "));
        if source.is_some() != item.scripts.is_empty() {
            wrong.push(format!("item {} has a script and a source, or neither", item.number));
        }
        // A place in a figure may have `;` between brackets.
        let source = source.unwrap_or_default().replace("; Rules", ", Rules");
        for text in source.split("; ").filter(|text| !text.is_empty()) {
            let is_known =
                part.captures(text).is_some_and(|found| match (found.get(1), found.get(3)) {
                    (Some(figure), _) => {
                        figure.as_str().parse().is_ok_and(|it: u32| (1..=16).contains(&it))
                    }
                    (_, Some(section)) if found.get(2).is_some() => {
                        OF_DISSERTATION.contains(&section.as_str())
                    }
                    (_, Some(section)) => SECTIONS.contains(&section.as_str()),
                    _ => false,
                });
            if !is_known {
                wrong.push(format!("item {}: `{text}` is no section or figure", item.number));
            }
        }
    }
    none(&wrong);
}

/// Whether a script holds on the reference of a module; `Err` if it fails anywhere but in its last line.
fn holds(item: usize, module: u32, script: &str) -> Result<bool, String> {
    let name = format!("exam-{item}-{}.scenario", std::process::id());
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, format!("{}\n---\n", script.trim())).expect("the file can be written");
    let exercise = ExerciseId { module, number: 7 };
    let ended = scenario::run(&path, exercise, reference::servers(exercise), 1);
    let _ = fs::remove_file(&path);
    let Err(failure) = ended else { return Ok(true) };
    let last = script.trim().lines().last().unwrap_or_default();
    if failure.step.ends_with(last) {
        return Ok(false);
    }
    Err(format!("item {item}: {}: {}", failure.step, failure.happened))
}

#[test]
fn keys_come_true_and_false_statements_do_not() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for item in items() {
        for (module, text) in &item.scripts {
            let (false_lines, script): (Vec<&str>, Vec<&str>) =
                text.lines().partition(|line| line.starts_with(FALSE));
            let script = script.join("\n");
            if !script.contains("expect ") || false_lines.is_empty() {
                wrong.push(format!("item {}: its script can hardly fail", item.number));
            }
            match holds(item.number, *module, &script) {
                Ok(true) => run += 1,
                Ok(false) => wrong.push(format!("item {}: its last line is false", item.number)),
                Err(why) => wrong.push(why),
            }
            for line in false_lines {
                let claim = line.trim_start_matches(FALSE);
                match holds(item.number, *module, &format!("{script}\n{claim}")) {
                    Ok(false) => {}
                    Ok(true) => wrong.push(format!("item {}: `{claim}` comes true", item.number)),
                    Err(why) => wrong.push(why),
                }
            }
        }
    }
    none(&wrong);
    assert!(run >= 30, "only {run} scripts were run");
}
