//! `check`: runs the checks, from the learner's place in the course to the first one that is red.
//!
//! What was found is a value. `check/report.rs` prints it for the learner, `check/json.rs` for programs.

mod all;
mod compile;
mod json;
mod report;
mod tally;
mod walk;
mod watch;

use anyhow::Result;

use crate::files;
use crate::progress::Progress;
use crate::tree::{Course, Target};
use walk::Stop;
use watch::Watched;

/// What `check` is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) target: Option<Target<'a>>,
    pub(crate) all: bool,
    pub(crate) seed: Option<u64>,
    pub(crate) json: bool,
}

/// `cargo xtask check`. Returns whether all is green.
pub(crate) fn run(course: &Course, request: Request<'_>) -> Result<bool> {
    if request.all {
        // `check --all` finds out what is done by itself; a damaged file loses only hints and skips.
        let progress = Progress::load(&course.root).or_else(|_| {
            files::keep(&course.root, "progress", &[".progress".into()])?;
            anyhow::Ok(Progress::none(&course.root))
        })?;
        return all::run(course, progress, &all::Form { json: request.json, seed: request.seed });
    }
    let mut progress = Progress::load(&course.root)?;
    let target = match request.target {
        Some(target) => target,
        None => match progress.next(&course.modules) {
            Some((module, _)) => Target::Module(module),
            None => {
                return all::run(
                    course,
                    progress,
                    &all::Form { json: request.json, seed: request.seed },
                );
            }
        },
    };
    let walk = match target {
        Target::Module(module) => walk::walk(course, &mut progress, module, request.seed),
        Target::Exercise(module, exercise) => {
            walk::one(course, &mut progress, module, exercise, request.seed)
        }
    };
    progress.save()?;
    let walk = walk?;
    if request.json {
        json::print(course, &progress, &walk)?;
    } else {
        report::print(course, &progress, &walk)?;
    }
    let is_green = matches!(walk.stop, Stop::Green(_) | Stop::Done);
    Ok(is_green && !matches!(walk.watched, Some(Watched::Differs(_))))
}
