//! Items of a Rust file, the exercises that they are marked with, and their lines.
//!
//! Learners' files often do not compile, so nothing here needs one that does: an [`Outline`] has the items
//! that can be told apart, and the first bracket that has no partner, if there is one.

mod outline;
mod parts;
mod place;
mod reader;
pub mod stub;
mod tokens;

use crate::id::ExerciseId;

pub use outline::{Fault, Item, ItemKind, Mark, Outline};
pub use parts::{Parts, are_same, are_same_code};
pub use place::{line_number, line_of_mark, line_start, marked, marker};
pub use tokens::{Kind, Token, tokens};

/// The line that declares `item`, from 1. Of several with this name, it is the one with the mark of the
/// exercise. A scenario declares nothing: its line is that of its mark.
pub fn line_of_item(text: &str, item: &str, id: ExerciseId) -> Option<usize> {
    if text.lines().any(|line| marker(line, "#") == Some(id)) {
        return line_of_mark(text, id);
    }
    let outline = Outline::read(text);
    let named: Vec<&Item> = outline.items.iter().filter(|found| found.name() == item).collect();
    let marked = named.iter().find(|item| item.exercise() == Some(id));
    marked.or(named.first()).map(|item| line_number(text, item.declared))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "\
fn entry_of() {}
/// Given.
pub(crate) fn entry() {}

impl Log {
    pub const fn entry(&self) -> u64 {
        // Exercise 1.2: no index may panic.
        todo!(\"exercise 1.2\")
    }
}

// Exercise 1.1: the roles.
/// A role.
#[derive(Debug)]
pub enum Role {}

pub const LIMIT: usize = { 3 };
";

    #[test]
    fn an_item_is_found_by_its_name_and_its_mark() {
        let line = |item: &str, id: &str| line_of_item(SOURCE, item, id.parse().unwrap());
        assert_eq!(line("entry", "1.2"), Some(6));
        assert_eq!(line("entry", "1.9"), Some(3));
        assert_eq!(line("entry_of", "1.9"), Some(1));
        assert_eq!(line("Role", "1.1"), Some(15));
        assert_eq!(line("LIMIT", "1.1"), Some(17));
        assert_eq!(line("Message", "1.1"), None);
    }

    #[test]
    fn a_scenario_is_found_by_its_mark() {
        let text = "# Exercise 2.7: yours\n";
        assert_eq!(line_of_item(text, "own.scenario", "2.7".parse().unwrap()), Some(1));
        assert_eq!(line_of_item(text, "own.scenario", "2.8".parse().unwrap()), None);
    }
}
