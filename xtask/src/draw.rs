//! `draw`: a run of the learner's servers as a figure, like those of the book.
//!
//! The gate records the run, as for `replay`, and the program `viewer` draws it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::replay::{self, FOLDER};
use crate::tree::Course;
use crate::{build, files};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// A check, a scenario or a recording, as `replay` takes it.
    pub(crate) target: Option<&'a str>,
    /// `svg` or `text`.
    pub(crate) format: &'a str,
    /// Where the figure goes. By default, text is printed, and a picture goes into the folder of
    /// recordings.
    pub(crate) out: Option<&'a Path>,
}

/// `cargo xtask draw`.
pub(crate) fn run(course: &Course, request: &Request<'_>) -> Result<()> {
    let recording = replay::record(course, request.target)?;
    let out = match (request.out, request.format) {
        (Some(out), _) => Some(std::path::absolute(out).context("the figure's path")?),
        (None, "text") => None,
        (None, format) => {
            Some(course.root.join(FOLDER).join(format!("{}.{format}", recording.name)))
        }
    };
    let viewer = build::program(&course.root, "viewer")?;
    let mut command = Command::new(&viewer);
    command.arg("draw").arg(&recording.file).arg(request.format);
    command.arg(out.as_deref().unwrap_or(Path::new("-"))).args(&recording.script);
    let drawn = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("cannot run {}", viewer.display()))?;
    if !drawn.status.success() {
        let said = String::from_utf8_lossy(&drawn.stderr);
        bail!("{}", said.trim().trim_start_matches("error: "));
    }
    match out {
        Some(out) => {
            let shown = out.strip_prefix(&course.root).unwrap_or(&out);
            say!("The figure is {}.", files::shown(shown));
        }
        None => say!("{}", String::from_utf8_lossy(&drawn.stdout).trim_end()),
    }
    Ok(())
}
