//! The glossary: in order, and linked from where a reader meets a word for the first time.

use std::collections::BTreeSet;

use super::links::resolved;
use super::none;
use super::page::{Page, all};

const GLOSSARY: &str = "docs/reference/glossary.md";

/// The entries of the glossary that are Raft's words: the anchor of each, with the entry's title.
fn of_raft(page: &Page) -> Vec<(&str, &str)> {
    let of_the_lab = page.headings.iter().position(|heading| heading.text == "The lab");
    let headings = &page.headings[..of_the_lab.expect("the lab's words have a heading")];
    let entries = headings.iter().filter(|heading| heading.level == 3);
    entries.map(|heading| (heading.id.as_str(), heading.text.as_str())).collect()
}

#[test]
fn each_word_of_raft_is_linked_where_the_course_introduces_it() {
    let pages = all();
    let entries = of_raft(&pages[GLOSSARY]);
    assert!(entries.len() >= 40, "the glossary has only {} entries", entries.len());
    let mut linked = BTreeSet::new();
    let is_read =
        |path: &str| path.starts_with("docs/chapters/") || path.contains("paper-in-an-hour");
    for page in pages.values().filter(|page| is_read(&page.path)) {
        for link in &page.links {
            let Some((path, anchor)) = link.target.split_once('#') else { continue };
            if resolved(&page.path, path).is_ok_and(|path| path == GLOSSARY) {
                linked.insert(anchor);
            }
        }
    }
    let missing = entries.iter().filter(|(id, _)| !linked.contains(id));
    let missing: Vec<String> = missing
        .map(|(_, title)| format!("no chapter links to \"{title}\" in the glossary"))
        .collect();
    none(&missing);
}

#[test]
fn each_part_of_the_glossary_is_in_alphabetical_order() {
    let pages = all();
    let mut before = String::new();
    let mut wrong = Vec::new();
    for heading in &pages[GLOSSARY].headings {
        let title = if heading.level == 3 { heading.text.to_lowercase() } else { String::new() };
        if title < before && heading.level == 3 {
            wrong.push(format!("\"{}\" is in the wrong place", heading.text));
        }
        before = title;
    }
    none(&wrong);
}
