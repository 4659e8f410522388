//! The script, and what is done with it.

use std::time::{Duration, SystemTime};

use simulator::{CommandOutcome, PlayAnswer, PlayFault, PlayRequest};

use super::builder::{self, Built};
use super::differences::{self, Difference};
use super::gate::{Ended, Gate};
use super::order::Order;
use super::rerun::{self, Rerun};
use super::saved::{self, To};

/// A world that is played.
#[derive(Debug)]
pub struct Session {
    pub(super) order: Order,
    pub(super) built: Built,
    gate: Gate,
    /// The last answer: the script so far, and what can be done next.
    pub(super) answer: PlayAnswer,
    /// The text in which a line fails, if the script was changed as a whole, or runs on rebuilt code.
    pub(super) draft: Option<String>,
    /// The earlier scripts, the last one at the end.
    pub(super) undo: Vec<String>,
    /// The scripts that were taken back, the last one at the end.
    pub(super) redo: Vec<String>,
    /// What rebuilt code does differently.
    pub(super) differences: Vec<Difference>,
    /// What the learner's code has printed since the last request.
    pub(super) printed: String,
    /// Anything else that there is to say.
    pub(super) notice: String,
    /// When the sources that the last build has read were last changed, even if they do not compile.
    built_at: Option<SystemTime>,
}

impl Session {
    /// Builds the gate, and runs the script to begin with.
    ///
    /// # Errors
    /// If the sources do not compile, or the gate cannot be run.
    pub fn begin(order: Order) -> Result<Self, String> {
        let built_at = builder::last_change(&order.sources);
        let built = builder::build(&order)?;
        if built.gate.is_none() {
            return Err(format!("your code does not compile:\n{}", built.errors.trim_end()));
        }
        let Rerun { gate, answer, printed } = rerun::rerun(&built, &order, &order.script)?;
        let mut session = Session {
            draft: None,
            undo: Vec::new(),
            redo: Vec::new(),
            differences: Vec::new(),
            notice: String::new(),
            order,
            built,
            gate,
            answer,
            printed,
            built_at,
        };
        let script = session.order.script.clone();
        session.keep_draft(&script);
        Ok(session)
    }

    /// The script so far.
    pub fn script(&self) -> &str {
        &self.answer.script
    }

    /// Why the last request was not carried out, or which line of the script fails.
    pub fn fault(&self) -> Option<&PlayFault> {
        self.answer.fault.as_ref()
    }

    /// What the last command has shown, in lines as a transcript has them.
    pub fn told(&self) -> Vec<String> {
        differences::told(&self.answer.commands)
    }

    fn limit(&self) -> Duration {
        Duration::from_millis(self.order.limit_ms)
    }

    /// Forgets what was said about the previous request.
    fn clear(&mut self) {
        self.printed.clear();
        self.notice.clear();
        self.differences.clear();
        if self.draft.is_none() {
            self.answer.fault = None;
            self.answer.failed = None;
        }
    }

    /// Carries out one more command. If it fails, the script stays as it is.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn command(&mut self, line: &str) -> Result<(), String> {
        self.clear();
        if let Some(fault) = self.fault().filter(|_| self.draft.is_some()) {
            let line = fault.line;
            self.notice = format!(
                "Line {line} of the script fails. Change it, or leave out that line and what follows it."
            );
            return Ok(());
        }
        let before = self.answer.script.clone();
        let request = PlayRequest::Command(line.to_owned());
        let (answer, printed) = self.gate.ask(&request, self.limit());
        match answer {
            Ok(answer) => self.answer = answer,
            Err(ended) => return self.recover(&ended, line),
        }
        self.printed = printed;
        if self.answer.script != before {
            self.undo.push(before);
            self.redo.clear();
        }
        Ok(())
    }

    /// Continues with a new gate, and without the command that has ended the last one.
    fn recover(&mut self, ended: &Ended, line: &str) -> Result<(), String> {
        let script = self.answer.script.clone();
        let again = rerun::rerun(&self.built, &self.order, &script)?;
        self.take(again);
        let number = self.answer.script.lines().count() + 1;
        self.answer.fault = Some(rerun::fault(ended, self.limit(), number as u64, line));
        Ok(())
    }

    fn take(&mut self, again: Rerun) {
        (self.gate, self.answer, self.printed) = (again.gate, again.answer, again.printed);
    }

    /// Runs another script instead. If a line fails, the world is as it was before that line.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn edit(&mut self, text: &str) -> Result<(), String> {
        self.clear();
        let before = self.whole();
        self.run(text)?;
        if before != self.whole() {
            self.undo.push(before);
            self.redo.clear();
        }
        Ok(())
    }

    /// The script with the line that fails, if one does.
    pub(super) fn whole(&self) -> String {
        self.draft.clone().unwrap_or_else(|| self.answer.script.clone())
    }

    fn run(&mut self, text: &str) -> Result<(), String> {
        let request = PlayRequest::Script(text.to_owned());
        let (answer, printed) = self.gate.ask(&request, self.limit());
        if let Ok(answer) = answer {
            (self.answer, self.printed) = (answer, printed);
        } else {
            let again = rerun::rerun(&self.built, &self.order, text)?;
            self.take(again);
        }
        self.keep_draft(text);
        Ok(())
    }

    /// A text in which a line fails is kept, so that it can be changed.
    fn keep_draft(&mut self, text: &str) {
        self.draft = self.answer.fault.is_some().then(|| text.to_owned());
    }

    /// Takes back what was done last.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn undo(&mut self) -> Result<(), String> {
        self.clear();
        let now = self.whole();
        if let Some(before) = self.undo.pop() {
            self.redo.push(now);
            return self.run(&before);
        }
        // Nothing was done yet: the script came with the order. If a line of it fails, that goes first.
        if self.draft.take().is_some() {
            self.redo.push(now);
            self.clear();
            return Ok(());
        }
        let (answer, printed) = self.gate.ask(&PlayRequest::Undo, self.limit());
        match answer {
            Ok(answer) => (self.answer, self.printed) = (answer, printed),
            Err(ended) => return self.recover(&ended, "undo"),
        }
        if self.answer.script != now {
            self.redo.push(now);
        }
        Ok(())
    }

    /// Repeats what was taken back last.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn redo(&mut self) -> Result<(), String> {
        self.clear();
        let Some(text) = self.redo.pop() else {
            "There is nothing to redo.".clone_into(&mut self.notice);
            return Ok(());
        };
        self.undo.push(self.whole());
        self.run(&text)
    }

    /// Leaves out the line that fails, and what follows it.
    pub fn leave_out(&mut self) {
        if let Some(draft) = self.draft.take() {
            self.undo.push(draft);
            self.redo.clear();
        }
        self.clear();
    }

    /// Goes back to the end of a line of the script.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn continue_after(&mut self, line: u64) -> Result<(), String> {
        let count = usize::try_from(line).unwrap_or(usize::MAX);
        let whole = self.whole();
        let kept: String = whole.split_inclusive('\n').take(count).collect();
        self.edit(&kept)
    }

    /// Builds the gate again, runs the script on it, and notes the differences.
    ///
    /// # Errors
    /// If the gate cannot be run any more.
    pub fn rebuild(&mut self) -> Result<(), String> {
        self.clear();
        self.built_at = builder::last_change(&self.order.sources);
        let built = builder::build(&self.order)?;
        if built.gate.is_none() {
            self.notice = format!(
                "Your code does not compile. The servers are still those from before.\n{}",
                built.errors.trim_end()
            );
            return Ok(());
        }
        let before: Vec<CommandOutcome> = self.answer.commands.clone();
        let text = self.whole();
        let again = rerun::rerun(&built, &self.order, &text)?;
        self.take(again);
        self.built = built;
        self.keep_draft(&text);
        self.differences = differences::differences(&before, &self.answer.commands);
        self.notice = match (self.differences.len(), self.fault()) {
            (0, None) => "Your code is rebuilt. The script does the same as before.".to_owned(),
            (0, Some(fault)) => format!("Your code is rebuilt. Line {} fails.", fault.line),
            (1, _) => "Your code is rebuilt. After one command, something is different.".to_owned(),
            (count, _) => {
                format!("Your code is rebuilt. After {count} commands, something is different.")
            }
        };
        Ok(())
    }

    /// Whether the learner's sources have changed since the last build.
    pub fn has_changed(&self) -> bool {
        builder::last_change(&self.order.sources) != self.built_at
    }

    /// Writes the script into a file: with this name, or as the learner's own scenario.
    pub fn save(&mut self, name: Option<&str>) {
        self.clear();
        let to = name.map_or(To::Own, To::File);
        self.notice = match saved::save(&self.order, &self.whole(), to) {
            Err(error) => error,
            Ok(saved) => {
                let shown = |path: &std::path::Path| {
                    let path = path.strip_prefix(&self.order.root).unwrap_or(path);
                    path.display().to_string().replace('\\', "/")
                };
                let copy = saved.copy.map_or_else(String::new, |copy| {
                    format!(" What was there is in {}.", shown(&copy))
                });
                format!("Saved as {}.{copy}", shown(&saved.file))
            }
        };
    }
}
