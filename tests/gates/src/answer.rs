//! What a learner has written in a file with a proof or an answer.

use std::fs;
use std::path::Path;

use crate::Failure;

/// The lines of the file that are not comments, as words: `proof A B` has the keyword `proof`.
pub(crate) struct Answer {
    /// The file's path for a person to read: from the root of the workspace.
    shown: String,
    lines: Vec<Line>,
}

struct Line {
    /// Counted from 1.
    number: usize,
    keyword: String,
    words: Vec<String>,
}

impl Answer {
    /// Reads the file. `keywords` are those that may begin a line.
    ///
    /// # Errors
    /// If it cannot be read, is not written yet, or a line begins with another word.
    pub(crate) fn read(path: &Path, keywords: &[&str]) -> Result<Self, Box<Failure>> {
        let shown = crate::scenario::shown(path);
        let text = fs::read_to_string(path).map_err(|error| unreadable(&shown, &error))?;
        let mut lines = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let line = line.split('#').next().unwrap_or_default();
            let mut words = line.split([' ', '\t', ',', ';']).filter(|word| !word.is_empty());
            let Some(keyword) = words.next() else { continue };
            if keyword == "todo" {
                let exercise = line.split("exercise ").nth(1).unwrap_or_default();
                return Err(Failure::todo(exercise.trim().trim_matches('"')));
            }
            if !keywords.contains(&keyword) {
                let may = keywords.join("`, `");
                let why = format!("{shown}:{number}: `{keyword}` cannot begin a line; `{may}` can");
                return Err(malformed(why));
            }
            let words = words.map(str::to_owned).collect();
            lines.push(Line { number, keyword: keyword.to_owned(), words });
        }
        Ok(Answer { shown, lines })
    }

    /// The words of all lines with this keyword, in order, each with its place.
    pub(crate) fn words(&self, keyword: &str) -> Vec<(&str, String)> {
        let lines = self.lines.iter().filter(|line| line.keyword == keyword);
        lines
            .flat_map(|line| {
                let place = format!("{}:{}", self.shown, line.number);
                line.words.iter().map(move |word| (word.as_str(), place.clone()))
            })
            .collect()
    }

    /// The only word of the only line with this keyword, with its place.
    ///
    /// # Errors
    /// If there are more or fewer words.
    pub(crate) fn word(&self, keyword: &str, what: &str) -> Result<(&str, String), Box<Failure>> {
        match &self.words(keyword)[..] {
            [(word, place)] => Ok((*word, place.clone())),
            others => Err(malformed(format!(
                "{}: there must be one line `{keyword}` with {what}, and there are {} such words",
                self.shown,
                others.len()
            ))),
        }
    }

    /// The value after `key=` on the lines with this keyword, with its place.
    ///
    /// # Errors
    /// If it is not there exactly once.
    pub(crate) fn value(&self, keyword: &str, key: &str) -> Result<(&str, String), Box<Failure>> {
        let mut found = Vec::new();
        for line in self.lines.iter().filter(|line| line.keyword == keyword) {
            let values = line.words.iter().filter_map(|word| word.strip_prefix(key));
            let values = values.filter_map(|rest| rest.strip_prefix('='));
            found.extend(values.map(|value| (value, format!("{}:{}", self.shown, line.number))));
        }
        let count = found.len();
        found.pop().filter(|_| count == 1).ok_or_else(|| {
            malformed(format!(
                "{}: a line `{keyword}` must say `{key}=…` once, and says it {count} times",
                self.shown
            ))
        })
    }
}

/// The file is not as the exercise asks: nothing is judged yet, so no rule of the paper was broken.
pub(crate) fn malformed(why: String) -> Box<Failure> {
    Failure::new("a file as its comment describes it", why).because("")
}

fn unreadable(shown: &str, error: &std::io::Error) -> Box<Failure> {
    malformed(format!("{shown} cannot be read ({error}); `cargo xtask reset` brings it back"))
}
