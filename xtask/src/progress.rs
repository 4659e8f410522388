//! Where the learner stands: one small text file at the root, kept by the names of exercises.
//!
//! It holds nothing that the checks could not find out again, but hints seen, exercises skipped and
//! questions answered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::course::{Exercise, Id, Module};
use crate::files;

const NAME: &str = ".progress";
const HEADER: &str = "# Where you are in the lab. `cargo xtask` writes this file; if it is gone or damaged,\n\
                      # `cargo xtask check --all` finds out anew what is done.\n";

/// What is known about the learner's way through the exercises.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    root: PathBuf,
    done: BTreeSet<Id>,
    skipped: BTreeSet<Id>,
    /// How many hints of an exercise were seen.
    hints: BTreeMap<Id, usize>,
    /// How questions were answered last.
    answered: BTreeMap<String, Answered>,
    /// Lines of a newer version of the lab: they are kept as they are.
    unknown: Vec<String>,
}

/// How an exercise stands.
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
                "{} is damaged; `cargo xtask check --all` writes it anew from what your code does",
                path.display()
            )
        })
    }

    fn read(root: &Path, bytes: &[u8]) -> Result<Self> {
        let text = std::str::from_utf8(bytes).context("it is no text")?;
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
                let level = level.parse().with_context(|| format!("`{level}` is no number"))?;
                self.hints.insert(id.parse()?, level);
            }
            ["answered", id, how] => {
                let how = Answered::ALL.iter().find(|(_, word)| *word == how);
                let (how, _) = how.context("an answer is right, wrong or noted")?;
                self.answered.insert(id.to_owned(), *how);
            }
            ["done" | "skipped" | "hint" | "answered", ..] => {
                bail!("there is a word too much or too little")
            }
            _ if line.contains(char::is_control) => bail!("it is no text"),
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

    /// Writes the file, once there is something to write.
    pub(crate) fn save(&self) -> Result<()> {
        let path = self.root.join(NAME);
        if path.exists() || *self != Self::none(&self.root) {
            files::write_if_changed(&path, self.write().as_bytes())?;
        }
        Ok(())
    }

    pub(crate) fn state(&self, id: Id) -> State {
        if self.done.contains(&id) {
            State::Done
        } else if self.skipped.contains(&id) {
            State::Skipped
        } else {
            State::Open
        }
    }

    pub(crate) fn is_done(&self, id: Id) -> bool {
        self.state(id) == State::Done
    }

    pub(crate) fn is_skipped(&self, id: Id) -> bool {
        self.state(id) == State::Skipped
    }

    /// Notes that all checks of an exercise are green. Says whether that is news.
    pub(crate) fn mark_done(&mut self, id: Id) -> bool {
        self.skipped.remove(&id);
        self.done.insert(id)
    }

    /// Notes that an exercise is to be done (again).
    pub(crate) fn mark_open(&mut self, id: Id) {
        self.done.remove(&id);
        self.skipped.remove(&id);
    }

    pub(crate) fn mark_skipped(&mut self, id: Id) {
        self.done.remove(&id);
        self.skipped.insert(id);
    }

    /// How many hints of an exercise were seen.
    pub(crate) fn hints_seen(&self, id: Id) -> usize {
        self.hints.get(&id).copied().unwrap_or(0)
    }

    pub(crate) fn set_hints_seen(&mut self, id: Id, level: usize) {
        self.hints.insert(id, level);
    }

    /// How a question was answered, if it was.
    pub(crate) fn answered(&self, question: &str) -> Option<Answered> {
        self.answered.get(question).copied()
    }

    pub(crate) fn note_answer(&mut self, question: &str, how: Answered) {
        self.answered.insert(question.to_owned(), how);
    }

    /// The first exercise of a module that everyone does and that is neither done nor skipped.
    pub(crate) fn next_in<'a>(&self, module: &'a Module) -> Option<&'a Exercise> {
        module.core().find(|exercise| self.state(exercise.id) == State::Open)
    }

    /// The first such exercise of all. One that may be left for later comes right before the module that
    /// it may be left until.
    pub(crate) fn next<'a>(&self, modules: &'a [Module]) -> Option<(&'a Module, &'a Exercise)> {
        let open = |exercise: &&Exercise| self.state(exercise.id) == State::Open;
        let all = modules
            .iter()
            .flat_map(|module| module.core().filter(open).map(move |exercise| (module, exercise)));
        all.min_by_key(|(_, exercise)| (exercise.due(), exercise.id))
    }

    /// Whether an exercise may be left for later: it can be, and something before it is not done yet.
    pub(crate) fn may_wait(&self, modules: &[Module], exercise: &Exercise) -> bool {
        let is_later = exercise.due() > exercise.id.module;
        let next = self.next(modules).map(|(_, next)| next.due());
        is_later && next.is_some_and(|due| due < exercise.due())
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
        progress.mark_done(Id { module: 1, number: 10 });
        progress.mark_done(Id { module: 1, number: 2 });
        progress.mark_skipped(Id { module: 1, number: 3 });
        progress.set_hints_seen(Id { module: 1, number: 3 }, 2);
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
        assert!(progress.is_done(Id { module: 1, number: 1 }));
        assert!(progress.write().ends_with("done 1.1\nbadge early-bird\n"));
    }

    #[test]
    fn a_damaged_file_is_told_with_its_line() {
        for (text, word) in [
            ("done 1.1\ndone one\n", "line 2"),
            ("hint 1.1\n", "too little"),
            ("hint 1.1 many\n", "no number"),
            ("answered q1.1 maybe\n", "right, wrong or noted"),
            ("\u{0}\u{1}\n", "no text"),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(word), "{error}");
        }
        assert!(Progress::read(Path::new("."), &[0xff, 0xfe]).is_err());
    }

    #[test]
    fn what_may_be_left_comes_right_before_the_module_that_it_may_be_left_until() {
        let module = |text: &str| -> Module {
            let head = "package = \"\"\ntitle = \"\"\nsection = \"\"\nmodule = ";
            toml_edit::de::from_str(&format!("{head}{text}")).unwrap()
        };
        let exercise = |id: &str, more: &str| {
            format!(
                "[[exercise]]\nid = \"{id}\"\ntitle = \"\"\nsection = \"\"\nfile = \"\"\npoints = 1\n\
                 minutes = 1\nhints = []\n{more}\n"
            )
        };
        let modules = [
            module(&format!("\"00-a\"\n{}{}", exercise("0.1", ""), exercise("0.2", "until = 2"))),
            module(&format!("\"01-b\"\n{}", exercise("1.1", ""))),
            module(&format!("\"02-c\"\n{}", exercise("2.1", ""))),
        ];
        let later = &modules[0].exercises[1];
        let mut progress = Progress::none(Path::new("."));
        for (next, may_wait) in [("0.1", true), ("1.1", true), ("0.2", false), ("2.1", false)] {
            let (_, exercise) = progress.next(&modules).unwrap();
            assert_eq!(exercise.id.to_string(), next);
            assert_eq!(progress.may_wait(&modules, later), may_wait, "before {next}");
            progress.mark_done(exercise.id);
        }
        assert!(progress.next(&modules).is_none());
        let mut progress = Progress::none(Path::new("."));
        progress.mark_skipped(later.id);
        progress.mark_done(modules[0].exercises[0].id);
        progress.mark_done(modules[1].exercises[0].id);
        assert_eq!(progress.next(&modules).unwrap().1.id.to_string(), "2.1");
    }

    #[test]
    fn who_has_skipped_an_exercise_may_still_do_it() {
        let id = Id { module: 1, number: 1 };
        let mut progress = Progress::none(Path::new("."));
        progress.mark_skipped(id);
        assert!(progress.mark_done(id));
        assert_eq!(progress.state(id), State::Done);
        assert!(!progress.mark_done(id));
        assert!(!progress.write().contains("skipped"));
    }
}
