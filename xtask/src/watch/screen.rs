//! The terminal of `watch`: lines and keys.
//!
//! On a terminal, keys work without Enter, and each run begins with an empty screen. In plain mode, for screen
//! readers and pipes, nothing is rewritten, and a key is the first letter of a line.

use std::io::{self, BufRead as _, Write as _};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result};
use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal;

use crate::term;

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
    /// Nothing: the terminal has changed.
    Redraw,
}

/// The terminal, in the mode that was asked for. It is put back when this is dropped.
pub(super) enum Screen {
    Keys,
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
        terminal::enable_raw_mode()
            .context("cannot read single keys from this terminal; try --plain")?;
        Ok(Screen::Keys)
    }

    /// Makes room for a new run.
    pub(super) fn clear(&self) {
        match self {
            // The lines that were there stay in the terminal's history.
            Screen::Keys => term::part(&mut io::stdout(), format_args!("\x1b[2J\x1b[3J\x1b[H")),
            Screen::Plain(_) => self.line("--"),
        }
    }

    /// Prints a line. In the mode for keys, the terminal does not go back to the first column by itself.
    pub(super) fn line(&self, text: &str) {
        let end = if matches!(self, Screen::Keys) { "\r\n" } else { "\n" };
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
            Screen::Keys => {
                if !event::poll(patience).context("cannot read keys")? {
                    return Ok(None);
                }
                match event::read().context("cannot read keys")? {
                    Event::Key(key) if key.kind != KeyEventKind::Release => self.pressed(key),
                    Event::Resize(..) => Ok(Some(Key::Redraw)),
                    _ => Ok(None),
                }
            }
        }
    }

    fn pressed(&mut self, key: KeyEvent) -> Result<Option<Key>> {
        let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c' | 'd') if with_control => Ok(Some(Key::Quit)),
            KeyCode::Char('z') if with_control => {
                self.aside(suspend)?;
                Ok(Some(Key::Redraw))
            }
            KeyCode::Enter => Ok(Some(Key::Again)),
            KeyCode::Char(letter) => Ok(of_letter(letter)),
            _ => Ok(None),
        }
    }

    /// Does something that needs the terminal as it was before.
    pub(super) fn aside<T>(&mut self, work: impl FnOnce() -> T) -> Result<T> {
        if matches!(self, Screen::Plain(_)) {
            return Ok(work());
        }
        terminal::disable_raw_mode().context("cannot put the terminal back")?;
        let result = work();
        terminal::enable_raw_mode().context("cannot read single keys from this terminal")?;
        Ok(result)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if matches!(self, Screen::Keys) {
            let _ = terminal::disable_raw_mode();
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
