//! What the learner wrote in module 0 watches what the learner's later servers do.

use anyhow::Result;

use crate::course::{Course, Module};
use crate::gate::{self, Built, Gate, Report};
use crate::progress::Progress;

/// What the learner's predicates have said.
#[derive(Debug)]
pub(super) enum Watched {
    /// The module that they stand in does not compile.
    Broken(String),
    /// They hold, so many of them, in so many executions.
    Holds { predicates: usize, executions: usize },
    /// One says something else than the lab.
    Differs(Box<Report>),
}

/// Lets the predicates that are done judge what the servers of a module do. Nothing, if none is done, or
/// if the module has no servers that could be watched.
pub(super) fn watch(
    course: &Course,
    progress: &Progress,
    module: &Module,
    gate: &Gate,
) -> Result<Option<Watched>> {
    let Some(watcher) = course.modules.iter().find(|other| other.alone) else { return Ok(None) };
    let is_done = watcher.exercises.iter().any(|exercise| progress.is_done(exercise.id));
    if module.alone || !is_done {
        return Ok(None);
    }
    gate::in_new_folder(|folder| {
        if gate.record(folder)? == 0 {
            return Ok(None);
        }
        let Built::Ready(predicates) = gate::build(&course.root, &watcher.package)? else {
            return Ok(Some(Watched::Broken(watcher.dir.clone())));
        };
        let mut reports = predicates.watch(folder)?;
        reports.retain(|report| progress.is_done(report.exercise));
        if let Some(red) = reports.iter().find(|report| !report.passed()) {
            return Ok(Some(Watched::Differs(Box::new(red.clone()))));
        }
        let seen = |report: &Report| report.show.as_deref()?.parse().ok();
        let executions = reports.iter().filter_map(seen).max().unwrap_or(0);
        Ok(Some(Watched::Holds { predicates: reports.len(), executions }))
    })
}
