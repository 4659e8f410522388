//! The terminal of `watch`: lines and keys.
//!
//! On a terminal, keys work without Enter, and each run begins with an empty screen. In plain mode, for screen
//! readers and pipes, nothing is rewritten, and a key is the first letter of a line.

use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use super::keyboard::{Keyboard, Stroke};
use crate::term;
use anyhow::{Context as _, Result};

/// What the learner asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Again,
    All,
    Diff,
    Explain,
    Hint,
    List,
    Open,
    Quit,
}

/// The terminal, in the mode that was asked for. It is put back when this is dropped.
pub(super) enum Screen {
    Keys(Keyboard),
    /// Lines that a thread reads from the standard input.
    Plain(Receiver<String>),
}

impl Screen {
    pub(super) fn open(plain: bool) -> Result<Self> {
        if plain {
            let (sender, lines) = mpsc::channel();
            thread::spawn(move || {
                for line in io::stdin().lock().lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
            return Ok(Screen::Plain(lines));
        }
        let keyboard =
            Keyboard::open().context("cannot read single keys from this terminal; try --plain")?;
        Ok(Screen::Keys(keyboard))
    }

    /// Whether it takes lines instead of keys.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self, Screen::Plain(_))
    }

    /// Makes room for a new run.
    pub(super) fn clear(&self) {
        match self {
            // What has scrolled away stays in the terminal's history.
            Screen::Keys(_) => term::part(&mut io::stdout(), format_args!("\x1b[2J\x1b[H")),
            Screen::Plain(_) => self.line("--"),
        }
    }

    /// Prints a line. In the mode for keys, the terminal does not go back to the first column by itself.
    pub(super) fn line(&self, text: &str) {
        let end = if matches!(self, Screen::Keys(_)) { "\r\n" } else { "\n" };
        term::part(&mut io::stdout(), format_args!("{text}{end}"));
    }

    /// The next key, if one is pressed while this waits.
    pub(super) fn key(&mut self, patience: Duration) -> Result<Option<Key>> {
        match self {
            Screen::Plain(lines) => Ok(match lines.recv_timeout(patience) {
                Ok(line) if line.trim().is_empty() => Some(Key::Again),
                Ok(line) => line.trim().chars().next().and_then(of_letter),
                Err(RecvTimeoutError::Timeout) => None,
                Err(RecvTimeoutError::Disconnected) => Some(Key::Quit),
            }),
            Screen::Keys(keyboard) => {
                match keyboard.pressed(patience).context("cannot read keys")? {
                    Some(Stroke::Control('c' | 'd') | Stroke::End) => Ok(Some(Key::Quit)),
                    Some(Stroke::Control('z')) => self.aside(suspend).map(|()| None),
                    Some(Stroke::Enter) => Ok(Some(Key::Again)),
                    Some(Stroke::Letter(letter)) => Ok(of_letter(letter)),
                    Some(Stroke::Control(_)) | None => Ok(None),
                }
            }
        }
    }

    /// Does something that needs the terminal as it was before.
    pub(super) fn aside<T>(&mut self, work: impl FnOnce() -> T) -> Result<T> {
        let Screen::Keys(keyboard) = self else { return Ok(work()) };
        keyboard.rest().context("cannot put the terminal back")?;
        let result = work();
        keyboard.resume().context("cannot read single keys from this terminal")?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Screen::Keys(keyboard) = self {
            let _ = keyboard.rest();
            let _ = io::stdout().flush();
        }
    }
}

fn of_letter(letter: char) -> Option<Key> {
    match letter.to_ascii_lowercase() {
        'a' => Some(Key::All),
        'd' => Some(Key::Diff),
        'e' => Some(Key::Explain),
        'h' => Some(Key::Hint),
        'l' => Some(Key::List),
        'o' => Some(Key::Open),
        'q' => Some(Key::Quit),
        _ => None,
    }
}

/// What Ctrl-Z does in other programs: the shell takes over until the learner continues with `fg`.
#[cfg(unix)]
fn suspend() {
    use rustix::process::{Signal, getpid, kill_process};
    let _ = kill_process(getpid(), Signal::TSTP);
}

/// Windows has no Ctrl-Z that stops a program.
#[cfg(not(unix))]
fn suspend() {}
