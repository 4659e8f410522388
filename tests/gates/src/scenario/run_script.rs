//! Runs scripts by `goldenscript`, which reads their text and writes transcripts.

use std::error::Error;

use goldenscript::{Block, Command, Context, Runner};

use super::commands;
use super::runner::ScenarioRunner;

impl Runner for ScenarioRunner {
    type Command = Command;

    fn start_block(&mut self, _block: &Block) -> Result<String, Box<dyn Error>> {
        self.blocks_began.push(self.trace().len());
        Ok(String::new())
    }

    fn run(&mut self, command: &Command, context: &Context) -> Result<String, Box<dyn Error>> {
        self.command_begins();
        let done = commands::run(self, command);
        self.note_outcome(done.as_deref().unwrap_or_default());
        done.map_err(|fault| {
            // A command that must fail, as in `! timeout S1`, is no fault of the script.
            self.fault = Some(fault).filter(|_| !context.fail);
            "see the fault".into()
        })
    }

    fn end_block(&mut self, _block: &Block) -> Result<String, Box<dyn Error>> {
        self.world().map(|_| ()).and_then(|()| self.show_changes()).map_err(|fault| {
            self.fault = Some(fault);
            "see the fault".into()
        })
    }
}
