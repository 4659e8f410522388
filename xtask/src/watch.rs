//! `watch`: judges what changed whenever a file is saved, and takes keys meanwhile.
//!
//! Each judgement is a run of `cargo xtask check` in a process of its own, under a supervisor. So a save can end it
//! at once, whatever it is doing, and nothing of it is left.

mod editor;
mod saves;
mod screen;

use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::progress::Progress;
use crate::supervise::{Next, Supervised};
use crate::tree::Course;
use crate::{locate, term};
use saves::Saves;
use screen::{Key, Screen};

/// How often files and keys are looked at.
const TICK: Duration = Duration::from_millis(50);

const KEYS: &str = "Enter again · h hint · e explain · d diff · o open · l list · a all · q quit";

/// `cargo xtask watch`. Ends when the learner quits.
pub(crate) fn run(course: &Course, plain: bool) -> Result<()> {
    let screen = Screen::open(plain || !term::takes_keys())?;
    let mut session = Session { course, screen, saves: Saves::of(course), job: None, explained: 1 };
    session.start(&["check"])?;
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
}

impl Session<'_> {
    fn serve(&mut self) -> Result<()> {
        loop {
            if self.saves.have_changed() {
                self.explained = 1;
                self.start(&["check"])?;
            }
            match self.screen.key(if self.job.is_some() { Duration::ZERO } else { TICK })? {
                Some(Key::Quit) => return Ok(()),
                Some(key) => self.press(key)?,
                None => {}
            }
            self.follow_job();
        }
    }

    /// Runs a command instead of the one that is running.
    fn start(&mut self, words: &[&str]) -> Result<()> {
        if let Some(job) = self.job.take() {
            job.kill();
        }
        self.screen.clear();
        let own = std::env::current_exe().context("cannot find this program")?;
        let mut command = Command::new(own);
        command.args(words).current_dir(&self.course.root);
        command.env("RAFT_LAB_COLOR", if term::is_coloured() { "always" } else { "never" });
        if let Some(width) = term::width() {
            command.env("RAFT_LAB_WIDTH", width.to_string());
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
            Next::End(_) => {
                self.job = None;
                self.screen.line("");
                for line in term::fitted(KEYS).lines() {
                    self.screen.line(&term::dim(line));
                }
            }
        }
    }

    fn press(&mut self, key: Key) -> Result<()> {
        match key {
            Key::Again => {
                self.explained = 1;
                self.start(&["check"])
            }
            Key::All => self.start(&["check", "--all"]),
            Key::Hint => self.start(&["hint"]),
            Key::Explain => {
                self.explained += 1;
                let number = self.explained.to_string();
                self.start(&["explain", &number])
            }
            Key::Diff => self.start(&["diff"]),
            Key::List => self.start(&["status"]),
            Key::Open => self.open(),
            Key::Redraw | Key::Quit => Ok(()),
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
