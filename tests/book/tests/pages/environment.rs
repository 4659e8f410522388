//! The page of environment variables lists those that the lab reads, and no others.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::none;
use crate::page::root;

const PAGE: &str = "docs/reference/environment.md";

/// What every variable of the lab begins with. In two parts, so that this file does not name one.
const PREFIX: &str = concat!("RAFT", "_LAB_");

#[test]
fn every_variable_is_on_its_page() {
    let mut used = BTreeSet::new();
    for folder in ["xtask", "tests", "solutions", ".cargo", ".config", ".ci"] {
        collect(&root().join(folder), &mut used);
    }
    let page = fs::read_to_string(root().join(PAGE)).expect("the page can be read");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let listed: BTreeSet<String> = rows.flat_map(variables_in).collect();
    let missing = used.difference(&listed).map(|name| format!("{PAGE} does not list {name}"));
    let unused =
        listed.difference(&used).map(|name| format!("{PAGE} lists {name}; nothing reads it"));
    none(&missing.chain(unused).collect::<Vec<_>>());
}

/// Adds the variables that the files below a folder name.
fn collect(path: &Path, used: &mut BTreeSet<String>) {
    if path.is_dir() {
        for entry in fs::read_dir(path).expect("the folder can be read") {
            collect(&entry.expect("the entry can be read").path(), used);
        }
    } else if let Ok(text) = fs::read_to_string(path) {
        used.extend(variables_in(&text));
    }
}

fn variables_in(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_ascii_uppercase() || c == '_';
    let parts = text.split(PREFIX).skip(1);
    let names = parts.map(|rest| rest.split(|c| !is_name(c)).next().unwrap_or_default());
    names.filter(|name| !name.is_empty()).map(|name| format!("{PREFIX}{name}")).collect()
}
