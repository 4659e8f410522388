//! Color, and the layout of text.

use std::env;
use std::fmt::Write as _;
use std::io::{self, IsTerminal as _};

use course::text;
use pretty_assertions::StrComparison;

/// Whether and how words are colored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Paint {
    pub(crate) colour: bool,
}

impl Paint {
    /// As `RAFT_LAB_COLOR` says; without it, terminals get color.
    pub(crate) fn from_env() -> Self {
        let colour = match env::var("RAFT_LAB_COLOR").as_deref() {
            Ok("always") => true,
            Ok("never") => false,
            _ => io::stderr().is_terminal() && io::stdout().is_terminal() && !text::no_color(),
        };
        Paint { colour }
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { text::painted(code, text) } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }
    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }
    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    /// The lines of two texts, `<` before those of `happened` alone and `>` before those of
    /// `expected` alone.
    pub(crate) fn diff(self, happened: &str, expected: &str) -> String {
        let diff = StrComparison::new(happened, expected).to_string();
        // Its first line is a legend that says "left" and "right".
        let diff = diff.split_once('\n').map_or("", |(_, lines)| lines).trim_end();
        if self.colour { diff.to_owned() } else { text::plain(diff) }
    }
}

/// Puts `label` before a text, and breaks its lines so that they stay right of the label. Lines that
/// begin with a space are kept as they are.
pub(crate) fn labelled(label: &str, text: &str, paint: impl Fn(&str) -> String) -> String {
    const INDENT: usize = 12;
    let mut out = String::new();
    for line in text.lines() {
        for part in broken(line, width() - INDENT) {
            let label = if out.is_empty() { label } else { "" };
            let _ = writeln!(out, "  {label:10}{}", paint(&part));
        }
    }
    out
}

/// A sentence with line breaks between words.
pub(crate) fn fitted(sentence: &str) -> String {
    text::wrap(sentence, width())
}

/// How long lines are: as `RAFT_LAB_WIDTH` says, within reason.
fn width() -> usize {
    let asked = env::var("RAFT_LAB_WIDTH").ok().and_then(|text| text.parse().ok());
    asked.map_or(100, |width: usize| width.clamp(50, 100))
}

fn broken(line: &str, width: usize) -> Vec<String> {
    if line.starts_with(' ') || line.chars().count() <= width {
        return vec![line.to_owned()];
    }
    text::wrap(line, width).lines().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_has_no_left_and_right_and_colours_only_when_asked() {
        let without = Paint { colour: false }.diff("a\nb\nc", "a\nx\nc");
        assert_eq!(without, " a\n<b\n>x\n c");
        let with = Paint { colour: true }.diff("a\nb\nc", "a\nx\nc");
        assert!(with.contains('\x1b'));
        assert_eq!(text::plain(&with), without);
    }

    #[test]
    fn long_lines_are_broken_between_words_right_of_their_label() {
        let text = "word ".repeat(30);
        let out = labelled("why", text.trim_end(), str::to_owned);
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 2);
        assert!(lines[0].starts_with("  why       word"));
        assert!(lines[1].starts_with("            word"));
        assert!(lines.iter().all(|line| line.len() <= 100));
    }
}
