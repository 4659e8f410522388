//! The table of texts of a recording: each text is in it once, and columns name it by its number.

use std::collections::HashMap;

/// Texts, each with a number.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: Vec<String>,
    numbers: HashMap<String, u64>,
}

impl Texts {
    /// The number of a text.
    pub(super) fn number(&mut self, text: &str) -> u64 {
        if let Some(&number) = self.numbers.get(text) {
            return number;
        }
        let number = self.all.len() as u64;
        self.all.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    /// All texts, in the order of their numbers.
    pub(super) fn into_all(self) -> Vec<String> {
        self.all
    }
}
