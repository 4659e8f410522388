//! A figure of the book: its script is run, and `viewer` draws what happens.

use std::fs;
use std::path::{Path, PathBuf};

use gates::{ExerciseId, kept_runs, scenario};
use simulator::{NodeFactory, Recording};
use viewer::Header;

/// A figure of the book: a scenario that is drawn.
#[derive(Clone, Debug)]
pub struct Figure {
    path: PathBuf,
    /// What the comment at the top of the script says.
    pub header: Header,
    /// Its servers know what is taught up to this exercise.
    pub exercise: ExerciseId,
}

impl Figure {
    /// Reads a figure's script. `latest` is the exercise up to which its servers know things, if the script names none.
    ///
    /// # Errors
    /// If its comment is not as `docs/maintainers/figures.md` says.
    pub fn read(path: &Path, latest: ExerciseId) -> Result<Self, String> {
        let about = |why: String| format!("{}: {why}", path.display());
        let text = fs::read_to_string(path).map_err(|error| about(error.to_string()))?;
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let header = Header::parse(&name, &text.replace("\r\n", "\n")).map_err(about)?;
        let exercise = header.exercise.as_deref().map_or(Ok(latest), str::parse);
        let exercise = exercise.map_err(|error| about(error.to_string()))?;
        Ok(Figure { path: path.to_owned(), header, exercise })
    }

    /// Runs the script on servers that `boot` makes, and returns the recording.
    ///
    /// # Errors
    /// If the servers do not do what the script says.
    pub fn record(&self, boot: NodeFactory) -> Result<Recording, String> {
        let (ended, runs) =
            kept_runs::keeping(|| scenario::run(&self.path, self.exercise, boot, 1));
        ended.map_err(|failure| {
            format!("{}: {}: {}", self.path.display(), failure.step, failure.happened)
        })?;
        let run = runs.into_iter().next();
        let mut run = run.ok_or_else(|| format!("{}: nothing runs", self.path.display()))?;
        run.title.clone_from(&self.header.title);
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        run.source.again = format!("cargo xtask replay docs/figures/{name}");
        Ok(run.without_inspection())
    }

    /// Draws a recording: the text of an SVG.
    pub fn draw(&self, run: &Recording) -> String {
        viewer::figure(run, &self.header)
    }
}
