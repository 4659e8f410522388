//! The learner's predicates of module 0 check what the learner's later servers do.

use anyhow::Result;
use course::{Module, Report};

use crate::build::{self, Built};
use crate::gate::{self, Gate};
use crate::progress::Progress;
use crate::tree::Course;

/// What the learner's predicates say.
#[derive(Debug)]
pub(super) enum Watched {
    /// Their module does not compile.
    Broken(String),
    /// This many hold in this many executions.
    Holds { predicates: usize, executions: usize },
    /// One disagrees with the lab.
    Differs(Box<Report>),
}

/// Lets the predicates that are done judge what the servers of a module do. `None` if none is done, or if the
/// module has no servers.
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
    gate::in_new_folder(&course.root, |folder| {
        if gate.record(folder)? == 0 {
            return Ok(None);
        }
        let Built::Ready(predicates) = build::gate(&course.root, &watcher.package)? else {
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
