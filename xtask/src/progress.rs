//! The learner's progress: a small text file at the root, with the ids of exercises.
//!
//! Apart from hints seen, exercises skipped and questions answered, the checks could find out again all that
//! it contains.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::{Exercise, ExerciseId, Module};

use crate::files;

const NAME: &str = ".progress";
const HEADER: &str = "# Where you are in the lab. `cargo xtask` writes this file. If it is missing or damaged,\n\
                      # `cargo xtask check --all` finds out again what is done.\n";

/// What the learner has done, skipped, seen and answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    root: PathBuf,
    done: BTreeSet<ExerciseId>,
    skipped: BTreeSet<ExerciseId>,
    /// How many hints of an exercise the learner has seen.
    hints: BTreeMap<ExerciseId, usize>,
    /// How each question was last answered.
    answered: BTreeMap<String, Answered>,
    /// Lines of a newer version of the lab, kept unchanged.
    unknown: Vec<String>,
}

/// The state of an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Open,
    Done,
    Skipped,
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

impl Progress {
    /// Nothing is done yet.
    pub(crate) fn none(root: &Path) -> Self {
        Progress { root: root.to_path_buf(), ..Self::default() }
    }

    /// Reads the file; without one, nothing is done yet.
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let path = root.join(NAME);
        if !path.exists() {
            return Ok(Self::none(root));
        }
        let bytes = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::read(root, &bytes).with_context(|| {
            format!(
                "{} is damaged; `cargo xtask check --all` writes it again from what your code does",
                path.display()
            )
        })
    }

    fn read(root: &Path, bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).context("it is not text")?;
        let mut progress = Self::none(root);
        for (number, line) in (1..).zip(text.lines()) {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            progress.read_line(line).with_context(|| format!("line {number}, `{line}`"))?;
        }
        Ok(progress)
    }

    fn read_line(&mut self, line: &str) -> Result<()> {
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
            ["answered", id, how] => {
                let how = Answered::ALL.iter().find(|(_, word)| *word == how);
                let (how, _) = how.context("an answer is right, wrong or noted")?;
                self.answered.insert(id.to_owned(), *how);
            }
            ["done" | "skipped" | "hint" | "answered", ..] => {
                bail!("one word too many or too few")
            }
            _ if line.contains(char::is_control) => bail!("it is not text"),
            _ => self.unknown.push(line.to_owned()),
        }
        Ok(())
    }

    fn write(&self) -> String {
        let mut lines = vec![HEADER.trim_end().to_owned()];
        lines.extend(self.done.iter().map(|id| format!("done {id}")));
        lines.extend(self.skipped.iter().map(|id| format!("skipped {id}")));
        lines.extend(self.hints.iter().map(|(id, level)| format!("hint {id} {level}")));
        let answers = self.answered.iter();
        lines.extend(answers.map(|(id, how)| format!("answered {id} {}", how.word())));
        lines.extend(self.unknown.iter().cloned());
        lines.join("\n") + "\n"
    }

    /// Writes the file, if it exists or there is something to write.
    pub(crate) fn save(&self) -> Result<()> {
        let path = self.root.join(NAME);
        if path.exists() || *self != Self::none(&self.root) {
            files::write_if_changed(&path, self.write().as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn state(&self, id: ExerciseId) -> State {
        if self.done.contains(&id) {
            State::Done
        } else if self.skipped.contains(&id) {
            State::Skipped
        } else {
            State::Open
        }
    }

    pub(crate) fn is_done(&self, id: ExerciseId) -> bool {
        self.state(id) == State::Done
    }

    pub(crate) fn is_skipped(&self, id: ExerciseId) -> bool {
        self.state(id) == State::Skipped
    }

    /// Notes that all checks of an exercise are green. Returns whether that is new.
    pub(crate) fn mark_done(&mut self, id: ExerciseId) -> bool {
        self.skipped.remove(&id);
        self.done.insert(id)
    }

    /// Notes that an exercise is not done.
    pub(crate) fn mark_open(&mut self, id: ExerciseId) {
        self.done.remove(&id);
        self.skipped.remove(&id);
    }

    pub(crate) fn mark_skipped(&mut self, id: ExerciseId) {
        self.done.remove(&id);
        self.skipped.insert(id);
    }

    /// How many hints of an exercise the learner has seen.
    pub(crate) fn hints_seen(&self, id: ExerciseId) -> usize {
        self.hints.get(&id).copied().unwrap_or(0)
    }

    pub(crate) fn set_hints_seen(&mut self, id: ExerciseId, level: usize) {
        self.hints.insert(id, level);
    }

    /// How a question was answered, if it was.
    pub(crate) fn answered(&self, question: &str) -> Option<Answered> {
        self.answered.get(question).copied()
    }

    pub(crate) fn note_answer(&mut self, question: &str, how: Answered) {
        self.answered.insert(question.to_owned(), how);
    }

    /// Whether an exercise is neither done nor skipped.
    pub(crate) fn is_open(&self, id: ExerciseId) -> bool {
        self.state(id) == State::Open
    }

    /// The first open core exercise of a module.
    pub(crate) fn next_in<'a>(&self, module: &'a Module) -> Option<&'a Exercise> {
        course::next_in(module, |id| self.is_open(id))
    }

    /// The open core exercise that is due first.
    pub(crate) fn next<'a>(&self, modules: &'a [Module]) -> Option<(&'a Module, &'a Exercise)> {
        course::next(modules, |id| self.is_open(id))
    }

    /// Whether an exercise may be postponed.
    pub(crate) fn may_wait(&self, modules: &[Module], exercise: &Exercise) -> bool {
        course::may_wait(modules, exercise, |id| self.is_open(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Progress> {
        Progress::read(Path::new("."), text.as_bytes())
    }

    #[test]
    fn what_is_written_is_read_again() {
        let mut progress = Progress::none(Path::new("."));
        progress.mark_done(ExerciseId { module: 1, number: 10 });
        progress.mark_done(ExerciseId { module: 1, number: 2 });
        progress.mark_skipped(ExerciseId { module: 1, number: 3 });
        progress.set_hints_seen(ExerciseId { module: 1, number: 3 }, 2);
        progress.note_answer("q1.2", Answered::Wrong);
        progress.note_answer("q1.3", Answered::Noted);
        assert_eq!(read(&progress.write()).unwrap(), progress);
        assert!(progress.write().contains("answered q1.2 wrong\nanswered q1.3 noted\n"));
        assert!(progress.write().contains("done 1.2\ndone 1.10\nskipped 1.3\nhint 1.3 2\n"));
    }

    #[test]
    fn unknown_lines_are_kept() {
        let text = "# mine\n\ndone 1.1\nbadge early-bird\n";
        let progress = read(text).unwrap();
        assert!(progress.is_done(ExerciseId { module: 1, number: 1 }));
        assert!(progress.write().ends_with("done 1.1\nbadge early-bird\n"));
    }

    #[test]
    fn a_damaged_file_is_reported_with_its_line() {
        for (text, word) in [
            ("done 1.1\ndone one\n", "line 2"),
            ("hint 1.1\n", "too few"),
            ("hint 1.1 many\n", "not a number"),
            ("answered q1.1 maybe\n", "right, wrong or noted"),
            ("\u{0}\u{1}\n", "not text"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
        assert!(Progress::read(Path::new("."), &[0xff, 0xfe]).is_err());
    }

    #[test]
    fn a_skipped_exercise_can_still_be_done() {
        let id = ExerciseId { module: 1, number: 1 };
        let mut progress = Progress::none(Path::new("."));
        progress.mark_skipped(id);
        assert!(progress.mark_done(id));
        assert_eq!(progress.state(id), State::Done);
        assert!(!progress.mark_done(id));
        assert!(!progress.write().contains("skipped"));
    }
}
