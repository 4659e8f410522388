//! The session as the page shows it.

use serde::Serialize;
use simulator::{
    Choices, CommandOutcome, End, Heading, PlayFault, Recorder, RecorderOptions, Recording,
};

use super::differences::Difference;
use super::session::Session;

/// The session as the page shows it.
#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is about one thing that the page shows")]
pub struct State {
    /// The script, with the line that fails if one does.
    pub script: String,
    /// Why a line was not carried out.
    pub fault: Option<PlayFault>,
    /// Whether that line is in the script. Otherwise it was undone.
    pub fails: bool,
    /// What each command has led to.
    pub commands: Vec<CommandOutcome>,
    /// What can be done next.
    pub choices: Choices,
    /// The run that is shown.
    pub recording: Recording,
    /// Whether it is the run that a fault has ended, and not the world as it is.
    pub failed: bool,
    /// What rebuilt code does differently.
    pub differences: Vec<Difference>,
    /// What the learner's code has printed.
    pub printed: String,
    /// Anything else that there is to say.
    pub notice: String,
    /// Whether something can be taken back.
    pub can_undo: bool,
    /// Whether something can be done again.
    pub can_redo: bool,
    /// Whether the module asks for the learner's own scenario.
    pub has_own: bool,
    /// The script's name.
    pub name: String,
}

impl Session {
    /// The session as the page shows it.
    pub fn state(&self) -> State {
        let answer = &self.answer;
        let shown = answer.failed.as_ref().or(answer.recording.as_ref());
        let mut recording = shown.cloned().unwrap_or_else(nothing);
        recording.places.clone_from(&self.built.places);
        recording.title = format!("{}: exercise {}", self.order.name, self.order.exercise);
        "cargo xtask play".clone_into(&mut recording.source.again);
        State {
            script: self.whole(),
            fault: answer.fault.clone(),
            fails: self.draft.is_some(),
            commands: answer.commands.clone(),
            choices: answer.choices.clone(),
            recording,
            failed: answer.failed.is_some(),
            differences: self.differences.clone(),
            printed: self.printed.clone(),
            notice: self.notice.clone(),
            can_undo: !answer.commands.is_empty() || !self.undo.is_empty(),
            can_redo: !self.redo.is_empty(),
            has_own: self.order.own.is_some(),
            name: self.order.name.clone(),
        }
    }
}

/// The run of a world without servers: a recording needs at least one.
fn nothing() -> Recording {
    let recorder = Recorder::new(1, RecorderOptions::default());
    recorder.finish(Heading::default(), false, |_| End::default())
}
