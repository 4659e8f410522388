//! The book's contents: what is listed is there, and what is there is listed.

use std::collections::BTreeSet;

use super::none;
use super::page::{Page, all};

#[test]
fn every_page_is_listed_once_and_every_listed_page_is_there() {
    let listed: Vec<String> = Page::read("docs/SUMMARY.md")
        .links
        .iter()
        .map(|link| format!("docs/{}", link.target))
        .collect();
    let mut wrong = Vec::new();
    let pages: BTreeSet<String> =
        all().into_keys().filter(|path| path != "docs/SUMMARY.md").collect();
    for path in &listed {
        if !pages.contains(path) {
            wrong.push(format!("docs/SUMMARY.md lists {path}, and it is not there"));
        }
        if listed.iter().filter(|other| *other == path).count() > 1 {
            wrong.push(format!("docs/SUMMARY.md lists {path} more than once"));
        }
    }
    let missing = pages.iter().filter(|path| !listed.contains(path));
    wrong.extend(missing.map(|path| format!("{path} is not listed in docs/SUMMARY.md")));
    none(&wrong);
}
