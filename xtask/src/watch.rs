//! `watch`: judges what changed whenever a file is saved, and takes keys meanwhile.
//!
//! Each judgement is a run of `cargo xtask check` in a process of its own, under a supervisor. So a save can end it
//! at once, whatever it is doing, and nothing of it is left.

mod editor;
#[cfg_attr(windows, path = "watch/keyboard_windows.rs")]
mod keyboard;
mod saves;
mod screen;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use course::{Exercise, Module};

use crate::progress::Progress;
use crate::supervise::{Next, Supervised};
use crate::tree::{Course, PATH_VARIABLE};
use crate::{locate, term};
use saves::Saves;
use screen::{Key, Screen};

/// How often files and keys are looked at.
const TICK: Duration = Duration::from_millis(50);

const KEYS: &str = "Enter again · h hint · e explain · d diff · o open · l list · a all · q quit";

/// `cargo xtask watch`. Ends when the learner quits.
pub(crate) fn run(course: &Course, plain: bool) -> Result<()> {
    let screen = Screen::open(plain || !term::takes_keys())?;
    let mut session = Session {
        course,
        screen,
        saves: Saves::of(course),
        job: None,
        explained: 1,
        is_explaining: false,
        compared: 0,
        note: None,
    };
    session.check()?;
    session.serve()
}

/// A learner at work.
struct Session<'a> {
    course: &'a Course,
    screen: Screen,
    saves: Saves,
    /// The command that is running.
    job: Option<Supervised>,
    /// The number of the red check that was shown last. `check` itself shows the first.
    explained: usize,
    /// Whether the running command explains a check.
    is_explaining: bool,
    /// How many exercises were compared with the reference since the last save.
    compared: usize,
    /// What is printed above the keys when the running command is over.
    note: Option<String>,
}

impl Session<'_> {
    fn serve(&mut self) -> Result<()> {
        loop {
            if self.saves.have_changed() {
                self.check()?;
            }
            match self.screen.key(if self.job.is_some() { Duration::ZERO } else { TICK })? {
                Some(Key::Quit) => return Ok(()),
                Some(key) => self.press(key)?,
                None => {}
            }
            self.follow_job();
        }
    }

    /// Judges the code as it is now.
    fn check(&mut self) -> Result<()> {
        self.explained = 1;
        self.compared = 0;
        self.start(&["check"])
    }

    /// Compares an exercise that is done with the reference: first those in the file that was saved last, the last one
    /// first, and then the others. Each run takes the next one.
    fn compare(&mut self) -> Result<()> {
        let progress = Progress::load(&self.course.root)?;
        let all = comparable(self.course, &progress, self.saves.last());
        let Some(this) = all.get(self.compared % all.len().max(1)) else {
            return self.start(&["diff"]);
        };
        self.compared += 1;
        let next = all[self.compared % all.len()];
        self.start(&["diff", &this.id.to_string()])?;
        if next.id != this.id {
            self.note = Some(term::fitted(&format!("d again: {} {}", next.id, next.title)));
        }
        Ok(())
    }

    /// Runs a command instead of the one that is running.
    fn start(&mut self, words: &[&str]) -> Result<()> {
        if let Some(job) = self.job.take() {
            job.kill();
        }
        self.note = None;
        self.is_explaining = words.first() == Some(&"explain");
        self.screen.clear();
        let own = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(own);
        command.args(words).current_dir(&self.course.root).env("RAFT_LAB_IN_WATCH", "1");
        command.env(PATH_VARIABLE, self.course.way().word());
        command.env("RAFT_LAB_COLOR", if term::is_coloured() { "always" } else { "never" });
        if let Some(width) = term::width() {
            command.env("RAFT_LAB_WIDTH", width.to_string());
        }
        if self.screen.is_plain() {
            command.env("RAFT_LAB_PLAIN", "1");
        }
        self.job = Some(Supervised::start(&command).context("cannot run this program again")?);
        Ok(())
    }

    /// Shows what the running command prints, and the keys when it is over.
    fn follow_job(&mut self) {
        let Some(job) = &mut self.job else { return };
        match job.next(TICK) {
            Next::Line(_, line) => self.screen.line(&line),
            Next::Silence => {}
            Next::End(success) => {
                self.job = None;
                if !success && self.is_explaining {
                    // There is no further red check, so the next one is the first.
                    self.explained = 0;
                }
                self.screen.line("");
                for line in self.note.take().iter().flat_map(|note| note.lines()) {
                    self.screen.line(line);
                }
                for line in term::fitted(KEYS).lines() {
                    self.screen.line(&term::dim(line));
                }
            }
        }
    }

    fn press(&mut self, key: Key) -> Result<()> {
        match key {
            Key::Again => self.check(),
            Key::All => self.start(&["check", "--all"]),
            Key::Hint => self.start(&["hint"]),
            Key::Explain => {
                self.explained += 1;
                let number = self.explained.to_string();
                self.start(&["explain", &number])
            }
            Key::Diff => self.compare(),
            Key::List => self.start(&["status"]),
            Key::Open => self.open(),
            Key::Quit => Ok(()),
        }
    }

    /// Opens the learner's editor where the next exercise is written.
    fn open(&mut self) -> Result<()> {
        let progress = Progress::load(&self.course.root)?;
        let Some((module, exercise)) = progress.next(&self.course.modules) else {
            self.screen.line("Nothing is left to write.");
            return Ok(());
        };
        let place = locate::todo(self.course, module, exercise)?.place;
        let file = self.course.root.join(&place.file);
        match editor::command(&file, place.line) {
            Some(command) => {
                let shown = self.screen.aside(|| editor::run(command))?;
                if let Err(error) = shown {
                    self.screen.line(&format!("{error:#}"));
                }
            }
            None => self.screen.line(&format!(
                "Set EDITOR to open {place} from here, for example EDITOR=\"code --wait\"."
            )),
        }
        Ok(())
    }
}

/// The exercises that are done, in the order in which they are compared with the reference.
fn comparable<'a>(
    course: &'a Course,
    progress: &Progress,
    saved: Option<&Path>,
) -> Vec<&'a Exercise> {
    let modules = course.modules.iter().rev();
    let all = modules.flat_map(|module| module.exercises.iter().rev().map(move |e| (module, e)));
    let done = all.filter(|(_, exercise)| progress.is_done(exercise.id));
    let is_saved = |module: &Module, exercise: &Exercise| {
        let file = course.root.join(module.learner()).join(&exercise.file);
        saved.is_some_and(|saved| saved == file)
    };
    let (first, then): (Vec<_>, Vec<_>) =
        done.partition(|(module, exercise)| is_saved(module, exercise));
    first.into_iter().chain(then).map(|(_, exercise)| exercise).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exercises_in_the_saved_file_are_compared_first() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let course = Course::load(root.to_path_buf()).unwrap();
        let mut progress = Progress::none(root);
        for id in ["0.1", "2.1", "2.2", "2.3", "2.4"] {
            progress.mark_done(id.parse().unwrap());
        }
        let ids = |saved: Option<&Path>| -> Vec<String> {
            comparable(&course, &progress, saved).iter().map(|e| e.id.to_string()).collect()
        };
        assert_eq!(ids(None), ["2.4", "2.3", "2.2", "2.1", "0.1"]);
        let saved = root.join("modules/02-election/src/vote.rs");
        assert_eq!(ids(Some(&saved)), ["2.3", "2.2", "2.4", "2.1", "0.1"]);
    }
}
