//! `draw`: a run of the learner's servers as a figure, like those of the book.
//!
//! The gate records the run, as for `replay`, and the program `viewer` draws it.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::replay::{self, FOLDER};
use crate::tree::Course;
use crate::{files, viewer};

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
    let mut words =
        vec![OsStr::new("draw"), recording.file.as_os_str(), OsStr::new(request.format)];
    words.push(out.as_deref().unwrap_or(Path::new("-")).as_os_str());
    words.extend(recording.script.as_deref().map(Path::as_os_str));
    let drawn = viewer::run(&course.root, words)?;
    match out {
        Some(out) => {
            let shown = out.strip_prefix(&course.root).unwrap_or(&out);
            say!("The figure is {}.", files::shown(shown));
        }
        None => say!("{drawn}"),
    }
    Ok(())
}
