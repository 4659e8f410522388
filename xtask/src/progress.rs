//! The learner's progress: a small text file at the root, with the ids of exercises.
//!
//! Apart from hints seen, exercises skipped and questions answered, the checks could find out again all that
//! it contains. Several runners may work at the same time. So a command collects a list of changes, and saving
//! applies them to the file as it is by then.

mod record;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, bail};
use course::{Exercise, ExerciseId, Module};

use crate::lock::TreeLock;
use crate::tree::Way;
use crate::{files, term};
pub(crate) use record::Answered;
use record::{DamagedLine, Record};

const NAME: &str = ".progress";

/// How many damaged lines are shown.
const SHOWN: usize = 3;

/// What the learner has done, skipped, seen and answered.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    root: PathBuf,
    /// The content of the file, with the changes.
    record: Record,
    /// The changes since the file was read.
    changes: Vec<Change>,
    /// Whether the file has lines that do not count.
    is_damaged: bool,
}

/// The state of an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    Open,
    Done,
    Skipped,
}

/// A result of a command, or a wish of the learner.
#[derive(Clone, Debug)]
enum Change {
    Done(ExerciseId),
    Skipped(ExerciseId),
    Open(ExerciseId),
    Hints(ExerciseId, Option<String>, usize),
    Answered(String, Answered),
    Way(Way),
    /// A number for bug hunts was drawn: it counts unless another command was faster.
    DrawnHunt(u64),
    SetHunt(u64),
}

impl Change {
    fn apply(&self, record: &mut Record) {
        match self {
            Change::Done(id) => {
                record.skipped.remove(id);
                record.done.insert(*id);
            }
            Change::Skipped(id) => {
                record.done.remove(id);
                record.skipped.insert(*id);
            }
            Change::Open(id) => {
                record.done.remove(id);
                record.skipped.remove(id);
            }
            Change::Hints(id, function, level) => {
                // A hint that was seen stays seen.
                let seen = match function {
                    None => record.hints.entry(*id).or_default(),
                    Some(name) => record.revealed.entry((*id, name.clone())).or_default(),
                };
                *seen = (*seen).max(*level);
            }
            Change::Answered(question, how) => {
                record.answered.insert(question.clone(), *how);
            }
            Change::Way(way) => record.is_on_open_path = *way == Way::Open,
            Change::DrawnHunt(number) => {
                record.hunt.get_or_insert(*number);
            }
            Change::SetHunt(number) => record.hunt = Some(*number),
        }
    }
}

/// The bytes of the file, as far as they can be had.
enum Content {
    Missing,
    Bytes(Vec<u8>),
    Unreadable(io::Error),
}

impl Content {
    fn read(path: &Path) -> Self {
        match fs::read(path) {
            Ok(bytes) => Content::Bytes(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Content::Missing,
            Err(error) => Content::Unreadable(error),
        }
    }
}

impl Progress {
    /// Nothing is done yet.
    pub(crate) fn none(root: &Path) -> Self {
        Progress {
            root: root.to_path_buf(),
            record: Record::default(),
            changes: Vec::new(),
            is_damaged: false,
        }
    }

    /// Reads the file; without one, nothing is done yet. Damaged lines are reported and do not count.
    #[expect(
        clippy::unnecessary_wraps,
        reason = "a caller need not know that no file makes it fail"
    )]
    pub(crate) fn load(root: &Path) -> Result<Self> {
        let mut progress = Self::none(root);
        match Content::read(&root.join(NAME)) {
            Content::Missing => {}
            Content::Bytes(bytes) => {
                let (record, damaged) = Record::read(&bytes);
                warn_once(&damaged);
                progress.record = record;
                progress.is_damaged = !damaged.is_empty();
            }
            Content::Unreadable(error) => warn_aside(&format!(
                "warning: {NAME} cannot be read ({error}), so no exercise counts as done, and no progress can be saved. \
                 {REPAIR}"
            )),
        }
        Ok(progress)
    }

    /// Applies the changes to the file as it is now. A damaged file is kept in `.kept` before its damaged lines
    /// are dropped.
    pub(crate) fn save(&mut self) -> Result<()> {
        if self.changes.is_empty() && !self.is_damaged {
            return Ok(());
        }
        let path = self.root.join(NAME);
        let _lock = TreeLock::take(&self.root)?;
        let (old, (mut record, damaged)) = match Content::read(&path) {
            Content::Missing => (None, (Record::default(), Vec::new())),
            Content::Bytes(bytes) => {
                let read = Record::read(&bytes);
                (Some(bytes), read)
            }
            Content::Unreadable(error) => bail!("{}", unreadable(&error)),
        };
        for change in &self.changes {
            change.apply(&mut record);
        }
        let new = record.write().into_bytes();
        let is_new = old.as_ref() != Some(&new) && (old.is_some() || record != Record::default());
        if !damaged.is_empty() {
            warn_once(&damaged);
            let kept = files::keep(&self.root, "progress", &[NAME.into()])?;
            let shown = files::shown(&kept);
            warn_aside(&format!(
                "The damaged lines of {NAME} were dropped; a copy of the file is in {shown}."
            ));
        }
        if is_new {
            files::write(&path, &new)?;
        }
        (self.record, self.is_damaged) = (record, false);
        self.changes.clear();
        Ok(())
    }

    /// Rejects a command that would change other files first and could then not save.
    pub(crate) fn must_be_readable(&self) -> Result<()> {
        match Content::read(&self.root.join(NAME)) {
            Content::Unreadable(error) => bail!("{}", unreadable(&error)),
            _ => Ok(()),
        }
    }

    /// Whether there is a file, in whatever state.
    pub(crate) fn exists(root: &Path) -> bool {
        root.join(NAME).symlink_metadata().is_ok()
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.record);
        self.changes.push(change);
    }

    pub(crate) fn state(&self, id: ExerciseId) -> State {
        if self.record.done.contains(&id) {
            State::Done
        } else if self.record.skipped.contains(&id) {
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
        let is_new = !self.is_done(id);
        // A fact that was known when the command began is no change: by now the file may say otherwise.
        if is_new {
            self.change(Change::Done(id));
        }
        is_new
    }

    /// Notes that an exercise is not done.
    pub(crate) fn mark_open(&mut self, id: ExerciseId) {
        self.change(Change::Open(id));
    }

    pub(crate) fn mark_skipped(&mut self, id: ExerciseId) {
        self.change(Change::Skipped(id));
    }

    /// How many hints the learner has seen, of an exercise or of one of its functions.
    pub(crate) fn hints_seen(&self, id: ExerciseId, function: Option<&str>) -> usize {
        let whole = self.record.hints.get(&id).copied().unwrap_or(0);
        let of_function = |name: &str| self.record.revealed.get(&(id, name.to_owned())).copied();
        whole.max(function.and_then(of_function).unwrap_or(0))
    }

    /// How many hints the learner has seen of the function of which the most were seen.
    pub(crate) fn most_hints_seen(&self, id: ExerciseId) -> usize {
        let revealed = self.record.revealed.iter().filter(|((of, _), _)| *of == id);
        revealed.map(|(_, level)| *level).max().unwrap_or(0).max(self.hints_seen(id, None))
    }

    pub(crate) fn set_hints_seen(&mut self, id: ExerciseId, function: Option<&str>, level: usize) {
        self.change(Change::Hints(id, function.map(str::to_owned), level));
    }

    /// How a question was answered, if it was.
    pub(crate) fn answered(&self, question: &str) -> Option<Answered> {
        self.record.answered.get(question).copied()
    }

    pub(crate) fn note_answer(&mut self, question: &str, how: Answered) {
        self.change(Change::Answered(question.to_owned(), how));
    }

    /// The path that commands are about which name nothing.
    pub(crate) fn way(&self) -> Way {
        if self.record.is_on_open_path { Way::Open } else { Way::Modules }
    }

    pub(crate) fn set_way(&mut self, way: Way) {
        self.change(Change::Way(way));
    }

    /// The number from which bug hunts take their bugs, if one was drawn or given.
    pub(crate) fn hunt(&self) -> Option<u64> {
        self.record.hunt
    }

    /// Keeps a number that was drawn, unless there is one by now.
    pub(crate) fn draw_hunt(&mut self, number: u64) {
        self.change(Change::DrawnHunt(number));
    }

    /// Keeps the number that the course has given.
    pub(crate) fn set_hunt(&mut self, number: u64) {
        self.change(Change::SetHunt(number));
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

const REPAIR: &str = "Make it a readable file, or move it away; then `cargo xtask check --all` finds out again \
                      which exercises are done.";

fn unreadable(error: &io::Error) -> String {
    format!("{NAME} cannot be read ({error}), so no progress can be saved. {REPAIR}")
}

/// Reports damaged lines, once in a command.
fn warn_once(damaged: &[DamagedLine]) {
    static WARNED: AtomicBool = AtomicBool::new(false);
    if damaged.is_empty() || WARNED.swap(true, Ordering::Relaxed) {
        return;
    }
    for DamagedLine { number, text, reason } in damaged.iter().take(SHOWN) {
        let text: String = text.chars().take(60).collect();
        warn_aside(&format!("warning: {NAME}, line {number}, does not count: `{text}`: {reason}."));
    }
    if damaged.len() > SHOWN {
        warn_aside(&format!("warning: {NAME} has {} such lines in all.", damaged.len()));
    }
    warn_aside(
        "The other lines count. The next command that writes .progress drops the damaged lines and first copies the \
         file to .kept.",
    );
}

fn warn_aside(text: &str) {
    say_aside!("{}", term::fitted(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: ExerciseId = ExerciseId { module: 1, number: 1 };
    const TWO: ExerciseId = ExerciseId { module: 1, number: 2 };

    fn written(root: &Path) -> String {
        fs::read_to_string(root.join(NAME)).unwrap()
    }

    #[test]
    fn saved_progress_is_loaded_again() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut progress = Progress::none(root);
        progress.mark_done(ExerciseId { module: 1, number: 10 });
        progress.mark_done(TWO);
        progress.mark_skipped(ExerciseId { module: 1, number: 3 });
        progress.set_hints_seen(ExerciseId { module: 1, number: 3 }, None, 2);
        progress.set_hints_seen(TWO, Some("entry"), 1);
        progress.set_way(Way::Open);
        progress.note_answer("q1.2", Answered::Wrong);
        progress.note_answer("q1.3", Answered::Noted);
        progress.save().unwrap();
        assert_eq!(Progress::load(root).unwrap().record, progress.record);
        assert!(written(root).contains("answered q1.2 wrong\nanswered q1.3 noted\n"));
        assert!(
            written(root)
                .contains("done 1.2\ndone 1.10\nskipped 1.3\nhint 1.3 2\nrevealed 1.2 entry 1\n")
        );
    }

    #[test]
    fn a_command_that_takes_long_undoes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut check = Progress::load(root).unwrap();
        check.mark_done(ONE);
        let mut skip = Progress::load(root).unwrap();
        skip.mark_skipped(TWO);
        skip.set_hints_seen(TWO, None, 2);
        skip.save().unwrap();
        check.set_hints_seen(TWO, None, 1);
        check.save().unwrap();
        assert!(
            written(root).ends_with("done 1.1\nskipped 1.2\nhint 1.2 2\n"),
            "{}",
            written(root)
        );
        assert!(check.is_skipped(TWO), "a save does not bring in the changes of others");
        // The same for an exercise that was done before the check began.
        let mut check = Progress::load(root).unwrap();
        let mut reset = Progress::load(root).unwrap();
        reset.mark_open(ONE);
        reset.save().unwrap();
        check.mark_done(ONE);
        check.save().unwrap();
        assert!(!written(root).contains("done 1.1"), "{}", written(root));
    }

    #[test]
    fn hints_that_were_seen_before_they_were_split_by_function_count_for_each() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), "hint 1.2 2\nrevealed 1.2 entry 3\n").unwrap();
        let progress = Progress::load(folder.path()).unwrap();
        assert_eq!(progress.hints_seen(TWO, Some("entry")), 3);
        assert_eq!(progress.hints_seen(TWO, Some("term_at")), 2);
        assert_eq!((progress.hints_seen(TWO, None), progress.most_hints_seen(TWO)), (2, 3));
        assert_eq!(progress.most_hints_seen(ONE), 0);
    }

    #[test]
    fn nothing_to_note_writes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let mut progress = Progress::load(root).unwrap();
        progress.mark_open(ONE);
        progress.save().unwrap();
        assert!(!root.join(NAME).exists());
        fs::write(root.join(NAME), "# mine\n").unwrap();
        Progress::load(root).unwrap().save().unwrap();
        assert_eq!(written(root), "# mine\n");
    }

    #[test]
    fn a_skipped_exercise_can_still_be_done() {
        let folder = tempfile::tempdir().unwrap();
        let mut progress = Progress::none(folder.path());
        progress.mark_skipped(ONE);
        assert!(progress.mark_done(ONE));
        assert_eq!(progress.state(ONE), State::Done);
        assert!(!progress.mark_done(ONE));
        progress.save().unwrap();
        assert!(!written(folder.path()).contains("skipped"));
    }
}
