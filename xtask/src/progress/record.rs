//! The text of the file `.progress`: which lines count, which are damaged, and which are of a newer version.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, bail};
use course::{ExerciseId, OPEN_DIR};

const HEADER: &str = "# Where you are in the lab. `cargo xtask` writes this file. If it is missing or damaged,\n\
                      # `cargo xtask check --all` finds out again what is done.";

/// The words with which lines begin.
const WORDS: [&str; 7] = ["done", "skipped", "hint", "revealed", "answered", "path", "bugs"];

/// Some editors put it before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The content of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) done: BTreeSet<ExerciseId>,
    pub(super) skipped: BTreeSet<ExerciseId>,
    /// How many hints of an exercise the learner has seen.
    pub(super) hints: BTreeMap<ExerciseId, usize>,
    /// The same for one function of an exercise. Before hints were split by function, a line `hint` counted all of them,
    /// and it still does.
    pub(super) revealed: BTreeMap<(ExerciseId, String), usize>,
    /// How each question was last answered.
    pub(super) answered: BTreeMap<String, Answered>,
    /// Whether commands that name nothing are about the open path.
    pub(super) is_on_open_path: bool,
    /// The number from which bug hunts take their bugs. Its line begins with a word that no older runner takes for a
    /// mistyped one of its own.
    pub(super) hunt: Option<u64>,
    /// Lines of a newer version of the lab, kept unchanged.
    unknown: Vec<String>,
}

/// How a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answered {
    Right,
    Wrong,
    /// In the learner's own words.
    Noted,
}

impl Answered {
    const ALL: [(Answered, &str); 3] =
        [(Answered::Right, "right"), (Answered::Wrong, "wrong"), (Answered::Noted, "noted")];

    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(how, _)| *how == self).map_or("", |(_, word)| word)
    }
}

/// A line that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DamagedLine {
    /// From 1.
    pub(super) number: usize,
    /// Its text, with escapes for control characters.
    pub(super) text: String,
    pub(super) reason: String,
}

impl Record {
    /// Reads the bytes of the file. Good lines count, whatever the others are.
    pub(super) fn read(bytes: &[u8]) -> (Self, Vec<DamagedLine>) {
        let mut record = Self::default();
        let mut damaged = Vec::new();
        let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
        for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let read = match std::str::from_utf8(line) {
                Ok(line) => record.read_line(line),
                Err(_) => Err(anyhow::anyhow!("it is not UTF-8 text")),
            };
            if let Err(error) = read {
                let text = String::from_utf8_lossy(line).escape_debug().to_string();
                damaged.push(DamagedLine { number, text, reason: format!("{error:#}") });
            }
        }
        (record, damaged)
    }

    fn read_line(&mut self, line: &str) -> Result<()> {
        if line.trim().is_empty() || line.starts_with('#') {
            return Ok(());
        }
        if line.chars().any(|c| c.is_control() && c != '\t') {
            bail!("it is not text");
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["done", id] => {
                self.done.insert(id.parse()?);
            }
            ["skipped", id] => {
                self.skipped.insert(id.parse()?);
            }
            ["hint", id, level] => {
                let level = level.parse().with_context(|| format!("`{level}` is not a number"))?;
                self.hints.insert(id.parse()?, level);
            }
            ["revealed", id, function, level] => {
                let level = level.parse().with_context(|| format!("`{level}` is not a number"))?;
                self.revealed.insert((id.parse()?, function.to_owned()), level);
            }
            ["answered", id, how] => {
                let how = Answered::ALL.iter().find(|(_, word)| *word == how);
                let (how, _) = how.context("an answer is right, wrong or noted")?;
                self.answered.insert(id.to_owned(), *how);
            }
            ["path", OPEN_DIR] => self.is_on_open_path = true,
            ["path", other] => {
                bail!("`{other}` is not a path; the only one with a line is {OPEN_DIR}")
            }
            ["bugs", number] => {
                let number = number.parse();
                self.hunt =
                    Some(number.with_context(|| format!("`{}` is not a number", words[1]))?);
            }
            _ => match resembled(line) {
                Some(word) if words[0] == word => bail!("it has one word too many or too few"),
                Some(word) => bail!("it looks like a line that begins with `{word}`"),
                None => self.unknown.push(line.to_owned()),
            },
        }
        Ok(())
    }

    /// The text of the file.
    pub(super) fn write(&self) -> String {
        let mut lines = vec![HEADER.to_owned()];
        lines.extend(self.done.iter().map(|id| format!("done {id}")));
        lines.extend(self.skipped.iter().map(|id| format!("skipped {id}")));
        lines.extend(self.hints.iter().map(|(id, level)| format!("hint {id} {level}")));
        let revealed = self.revealed.iter();
        lines.extend(revealed.map(|((id, name), level)| format!("revealed {id} {name} {level}")));
        let answers = self.answered.iter();
        lines.extend(answers.map(|(id, how)| format!("answered {id} {}", how.word())));
        lines.extend(self.is_on_open_path.then(|| format!("path {OPEN_DIR}")));
        lines.extend(self.hunt.iter().map(|number| format!("bugs {number}")));
        lines.extend(self.unknown.iter().cloned());
        lines.join("\n") + "\n"
    }
}

/// The word of ours that an unknown line was likely meant to begin with: `Done 1.1`, `done: 1.2`, `done1.3`,
/// `doen 1.4`, or a beginning of it, as a file that was cut off ends.
fn resembled(line: &str) -> Option<&'static str> {
    let start = line.trim_start().to_lowercase();
    let first =
        start.split(|c: char| !c.is_alphabetic()).next().filter(|first| !first.is_empty())?;
    let is_alone = start.trim_end() == first;
    WORDS
        .into_iter()
        .find(|word| strsim::osa_distance(first, word) <= 1 || is_alone && word.starts_with(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of a file that count, and its damaged lines: number and reason.
    fn read(bytes: &[u8]) -> (Vec<String>, Vec<(usize, String)>) {
        let (record, damaged) = Record::read(bytes);
        let text = record.write();
        let lines = text.lines().filter(|line| !line.starts_with('#')).map(str::to_owned);
        (lines.collect(), damaged.into_iter().map(|line| (line.number, line.reason)).collect())
    }

    #[test]
    fn unknown_lines_are_kept() {
        let text = "# mine\n\ndone 1.1\nbadge early-bird\nhonour 3\nfrom the future 7\n";
        let (lines, damaged) = read(text.as_bytes());
        assert_eq!(lines, ["done 1.1", "badge early-bird", "honour 3", "from the future 7"]);
        assert_eq!(damaged, []);
    }

    #[test]
    fn a_byte_order_mark_and_the_line_endings_of_windows_are_read() {
        let (lines, damaged) = read(b"\xef\xbb\xbfdone 1.1\r\nhint 1.2 1\r\nbadge x\r\n");
        assert_eq!(lines, ["done 1.1", "hint 1.2 1", "badge x"]);
        assert_eq!(damaged, []);
    }

    #[test]
    fn a_damaged_line_loses_no_other() {
        let cases: [(&[u8], &str); 21] = [
            (b"path 2", "not a path"),
            (b"bugs", "too few"),
            (b"bugs seven", "not a number"),
            (b"done one", "looks like 2.3"),
            (b"done 1.", "looks like 2.3"),
            (b"skipped", "too few"),
            (b"hint 1.1", "too few"),
            (b"hint 1.1 many", "not a number"),
            (b"hint 1.1 -1", "not a number"),
            (b"revealed 1.2 3", "too few"),
            (b"revealed 1.2 entry many", "not a number"),
            (b"answered q1.1 maybe", "right, wrong or noted"),
            (b"Done 1.2", "`done`"),
            (b"done: 1.2", "`done`"),
            (b"done1.3", "`done`"),
            (b"doen 1.3", "`done`"),
            (b"skiped 1.3", "`skipped`"),
            (b"answe", "`answered`"),
            (b"done\t1.\x07", "not text"),
            (b"\x00\x00\x00", "not text"),
            (b"done \xff\xfe", "not UTF-8"),
        ];
        for (line, reason) in cases {
            let bytes = [b"skipped 7.1\n", line, b"\ndone 7.2\n"].concat();
            let (lines, damaged) = read(&bytes);
            let shown = String::from_utf8_lossy(line);
            assert_eq!(lines, ["done 7.2", "skipped 7.1"], "{shown}");
            assert!(matches!(&damaged[..], [(2, why)] if why.contains(reason)), "{damaged:?}");
        }
    }

    #[test]
    fn control_characters_are_shown_with_escapes() {
        let (_, damaged) = Record::read(b"done\x1b[31m 1.1\n");
        assert_eq!(damaged[0].text, "done\\u{1b}[31m 1.1");
    }
}
