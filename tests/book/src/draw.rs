//! Drawing a figure: its script is run, and its kind says how the run is drawn.

use gates::scenario::{self, Run};
use simulator::NodeFactory;

use crate::figure::{Figure, Kind};
use crate::{logs, timeline};

impl Figure {
    /// Runs the script on servers that `boot` makes, and draws what happens: the text of an SVG.
    ///
    /// # Errors
    /// If the servers do not do what the script says.
    pub fn draw(&self, boot: NodeFactory) -> Result<String, String> {
        let run: Run = scenario::run(&self.path, self.exercise, boot, 1).map_err(|failure| {
            format!("{}: {}: {}", self.path.display(), failure.step, failure.happened)
        })?;
        Ok(match self.kind {
            Kind::Time => timeline::draw(self, &run),
            Kind::Logs => logs::draw(self, &run),
        })
    }
}
