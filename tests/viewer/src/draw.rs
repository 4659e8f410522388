//! `viewer draw`: a recording from a file as a figure.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use simulator::{Outcome, Recording};

use crate::figure::{Header, figure, figure_text};

/// How a run is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A picture.
    Svg,
    /// Lines of text.
    Text,
}

/// Draws the run of a recording that best shows what is wrong: the shortest that ended badly, or otherwise the first.
/// `script` is the scenario that was run, if there is one: a figure of the book says in it how it is drawn.
///
/// # Errors
/// If the script is meant for a figure and its comment is wrong.
pub fn draw(
    runs: &[Recording],
    name: &str,
    script: Option<&Path>,
    format: Format,
) -> Result<String, String> {
    let bad = runs.iter().filter(|run| run.end.outcome != Outcome::Fine);
    let run = bad.min_by_key(|run| run.steps()).or(runs.first()).ok_or("there is no run in it")?;
    let header = header(run, name, script)?;
    Ok(match format {
        Format::Svg => figure(run, &header),
        Format::Text => figure_text(run, &header) + &end(run),
    })
}

fn header(run: &Recording, name: &str, script: Option<&Path>) -> Result<Header, String> {
    let Some(path) = script else { return Ok(Header::of(run, name)) };
    let about = |why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let text = fs::read_to_string(path).map_err(|error| about(&error))?;
    let text = text.replace("\r\n", "\n");
    // Other scenarios have comments of another kind.
    if !text.lines().any(|line| line.starts_with("# alt:")) {
        return Ok(Header::of(run, name));
    }
    Header::parse(name, &text).map_err(|error| about(&error))
}

/// How a run ended, if it ended badly.
fn end(run: &Recording) -> String {
    let end = &run.end;
    if end.outcome == Outcome::Fine {
        return String::new();
    }
    let mut text = format!("\nExpected: {}\nHappened: {}\n", end.expected, end.what);
    for moment in &end.moments {
        let _ = writeln!(text, "  step {}: {}", moment.step, moment.what);
    }
    text
}

#[cfg(test)]
mod tests {
    use simulator::{End, Heading, Recorder, RecorderOptions};

    use super::*;

    fn run(title: &str, outcome: Outcome) -> Recording {
        let heading = Heading { title: title.to_owned(), ..Heading::default() };
        let end = |_: &Recorder| End { outcome, what: "two leaders".to_owned(), ..End::default() };
        Recorder::new(3, RecorderOptions::default()).finish(heading, false, end)
    }

    #[test]
    fn the_run_that_ended_badly_is_drawn() {
        let runs = [run("Fine", Outcome::Fine), run("Broken", Outcome::Broken)];
        let text = draw(&runs, "x", None, Format::Text).unwrap();
        assert!(text.starts_with("Broken\n") && text.contains("Happened: two leaders"), "{text}");
        let svg = draw(&runs[..1], "x", None, Format::Svg).unwrap();
        assert!(svg.contains("<title id=\"x-title\">Fine</title>"), "{svg}");
    }

    #[test]
    fn a_mistake_in_a_figures_comment_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.scenario");
        fs::write(&path, "# A title.\n#\n# alt: x\n# draw: me\n").unwrap();
        let error = draw(&[run("Fine", Outcome::Fine)], "f", Some(&path), Format::Svg).unwrap_err();
        assert!(error.contains("f.scenario") && error.contains("`draw: me` is unknown"), "{error}");
        fs::write(&path, "# A claim.\n# exercise: 2.3\n").unwrap();
        assert!(draw(&[run("Fine", Outcome::Fine)], "f", Some(&path), Format::Svg).is_ok());
    }
}
