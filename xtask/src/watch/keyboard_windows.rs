//! Single keys from a console on Windows.

use std::io;
use std::time::Duration;

use crossterm::event::{self, Event, KeyCode, KeyEventKind, KeyModifiers};
use crossterm::terminal;

/// A key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stroke {
    Enter,
    Letter(char),
    /// A letter with the control key.
    Control(char),
    /// The terminal is gone. A console on Windows ends the program instead.
    #[expect(dead_code, reason = "the other systems report it")]
    End,
}

/// The keyboard, in raw mode: keys are read as they are pressed.
pub(super) struct Keyboard;

impl Keyboard {
    /// Puts the console into raw mode.
    pub(super) fn open() -> io::Result<Self> {
        terminal::enable_raw_mode()?;
        Ok(Keyboard)
    }

    /// Puts the console back to how it was before.
    #[expect(clippy::unused_self, reason = "the other systems need it")]
    pub(super) fn rest(&self) -> io::Result<()> {
        terminal::disable_raw_mode()
    }

    /// Puts the console into raw mode again.
    #[expect(clippy::unused_self, reason = "the other systems need it")]
    pub(super) fn resume(&self) -> io::Result<()> {
        terminal::enable_raw_mode()
    }

    /// The next key, if one is pressed while this waits.
    #[expect(clippy::unused_self, reason = "the other systems need it")]
    pub(super) fn pressed(&mut self, patience: Duration) -> io::Result<Option<Stroke>> {
        if !event::poll(patience)? {
            return Ok(None);
        }
        let Event::Key(key) = event::read()? else { return Ok(None) };
        if key.kind == KeyEventKind::Release {
            return Ok(None);
        }
        let with_control = key.modifiers.contains(KeyModifiers::CONTROL);
        Ok(match key.code {
            KeyCode::Enter => Some(Stroke::Enter),
            KeyCode::Char(letter) if with_control => Some(Stroke::Control(letter)),
            KeyCode::Char(letter) => Some(Stroke::Letter(letter)),
            _ => None,
        })
    }
}
