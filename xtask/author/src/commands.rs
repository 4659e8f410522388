//! Commands that the book shows. A command in a block of `console` can be run as it is, unless the block is
//! marked `console,not-run`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use xtask::files;
use xtask::tree::Course;

/// A command in a block of `console`, and what it prints according to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shown {
    /// The page, from the root, and the line.
    pub(crate) place: String,
    /// The words after `$`, without a comment.
    pub(crate) words: Vec<String>,
    /// Lines that it prints. `…` means any text.
    pub(crate) prints: Vec<String>,
    /// Whether the page says that it is not run.
    pub(crate) not_run: bool,
}

/// The commands on the pages of the book and in the README.
pub(crate) fn all(course: &Course) -> Result<Vec<Shown>> {
    let mut shown = Vec::new();
    for (path, text) in pages(course)? {
        shown.extend(on_page(&files::shown(&path), &text));
    }
    Ok(shown)
}

/// The pages, by their path from the root, without the learner's notes.
fn pages(course: &Course) -> Result<Vec<(PathBuf, String)>> {
    let docs = course.root.join("docs");
    let tree = files::read_tree_without(&docs, &|path| path.ends_with("notes"))?;
    let mut paths: Vec<PathBuf> =
        tree.into_keys().map(|path| PathBuf::from("docs").join(path)).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    paths.push(PathBuf::from("README.md"));
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(course.root.join(&path));
        Ok((path.clone(), text.with_context(|| format!("cannot read {}", files::shown(&path)))?))
    };
    paths.into_iter().map(read).collect()
}

fn on_page(page: &str, text: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    // The fence of the block that a line is in, and whether its commands are not run.
    let mut block: Option<(&str, bool)> = None;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim_start_matches(['>', ' ']);
        match (block, line.strip_prefix("```")) {
            (None, Some(fence)) => block = Some((fence, fence.contains("not-run"))),
            (Some(_), Some(_)) => block = None,
            (Some((fence, not_run)), None) if fence.starts_with("console") => {
                if let Some(command) = line.strip_prefix("$ ") {
                    let command = command.split('#').next().unwrap_or_default();
                    let words = command.split_whitespace().map(str::to_owned).collect();
                    let place = format!("{page}:{number}");
                    shown.push(Shown { place, words, prints: Vec::new(), not_run });
                } else if let Some(last) = shown.last_mut().filter(|_| !line.trim().is_empty()) {
                    last.prints.push(line.trim().to_owned());
                }
            }
            _ => {}
        }
    }
    shown
}

impl Shown {
    /// The words for the runner, if it is a command of the runner.
    pub(crate) fn for_the_runner(&self) -> Option<Vec<&str>> {
        let words: Vec<&str> = self.words.iter().map(String::as_str).collect();
        let (before, ours) = words.split_at_checked(2)?;
        // A redirection is the shell's.
        let ours = ours.iter().copied().take_while(|word| *word != ">");
        (before == ["cargo", "xtask"]).then(|| ours.collect())
    }

    /// The first line that it should print and does not.
    pub(crate) fn missing_in(&self, said: &str) -> Option<&str> {
        let is_there = |wanted: &&str| said.lines().any(|line| is_like(line, wanted));
        self.prints.iter().map(String::as_str).find(|line| !is_there(line))
    }
}

/// Whether a line contains the parts of what is wanted, in order. Between them, where `…` is, may be any text.
fn is_like(line: &str, wanted: &str) -> bool {
    let mut rest = line;
    wanted.split('…').all(|part| match rest.split_once(part) {
        Some((_, after)) => {
            rest = after;
            true
        }
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli;

    const PAGE: &str = "# A page\n\n```text\n$ not this\n```\n\n1. A list\n\n   ```console\n   $ cargo xtask hint 2.1   # helps\n   Hint 1 of …: …\n   ```\n\n```console,not-run\n$ git clone x\n$ cargo xtask check --json > a.json\n```\n";

    #[test]
    fn commands_are_found_with_what_they_print() {
        let shown = on_page("page.md", PAGE);
        assert_eq!(shown.len(), 3);
        assert_eq!(shown[0].place, "page.md:10");
        assert_eq!(shown[0].for_the_runner(), Some(vec!["hint", "2.1"]));
        assert_eq!(shown[0].missing_in("x\nHint 1 of 3: read\n"), None);
        assert_eq!(shown[0].missing_in("Hint 2 of 3: read\n"), Some("Hint 1 of …: …"));
        assert!(!shown[0].not_run && shown[1].not_run);
        assert_eq!(shown[1].for_the_runner(), None);
        assert_eq!(shown[2].for_the_runner(), Some(vec!["check", "--json"]));
    }

    /// Commands in running text, such as `cargo xtask hint 2.3`.
    fn in_text(text: &str) -> Vec<Vec<String>> {
        let spans = text.split('`').skip(1).step_by(2);
        let words = spans.filter_map(|span| span.strip_prefix("cargo xtask"));
        words.map(|words| words.split_whitespace().map(str::to_owned).collect()).collect()
    }

    /// Parses a command line as the program does that carries it out.
    fn parse(words: &[&str]) -> Result<(), clap::Error> {
        if matches!(words.first(), Some(&("stubs" | "bless" | "verify" | "zoo" | "mutants"))) {
            let line = ["cargo xtask"].into_iter().chain(words.iter().copied());
            return cli::command().try_get_matches_from(line).map(|_| ());
        }
        xtask::parse(words)
    }

    #[test]
    fn the_runner_knows_every_command_that_the_book_shows() {
        let course = Course::find().unwrap();
        let mut wrong = Vec::new();
        let mut know = |place: &str, words: &[&str]| {
            let is_placeholder = |word: &&str| word.contains(['…', '[', '|']);
            let words: Vec<&str> =
                words.iter().copied().take_while(|word| !is_placeholder(word)).collect();
            if let Err(error) = parse(&words) {
                let is_help = !error.use_stderr();
                // A command that is mentioned without its words.
                let is_name = error.kind() == clap::error::ErrorKind::MissingRequiredArgument;
                if !is_help && !is_name {
                    wrong.push(format!("{place}: {error}"));
                }
            }
        };
        for shown in all(&course).unwrap() {
            match shown.for_the_runner() {
                Some(words) => know(&shown.place, &words),
                None => assert!(shown.not_run, "{}: not of the runner, so not run", shown.place),
            }
        }
        for (path, text) in pages(&course).unwrap() {
            for words in in_text(&text) {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                know(&files::shown(&path), &words);
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}
