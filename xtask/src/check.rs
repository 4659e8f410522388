//! `check`: judges what has changed at or below the learner's place in the course, and then that place, up to the
//! first module with a red check.
//!
//! What was found is a value. `check/report.rs` prints it for the learner, `check/json.rs` for programs.

mod after;
mod all;
mod compile;
mod debug;
mod due;
mod end;
mod explain;
mod json;
mod judge;
pub(crate) mod listed;
mod report;
mod tally;
mod unused;
mod walk;
mod watch;

use anyhow::{Context as _, Result, bail};
use course::{Module, Report};

use crate::progress::Progress;
use crate::tree::{Course, Target};
use judge::Judge;
use walk::{Range, Stop, Walk};
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
    let mut progress = Progress::load(&course.root)?;
    let mut judge = Judge::new(course, request.seed, request.all)?;
    if !request.json {
        report::print_changed_judge(judge.changed_judge());
    }
    if request.all {
        return all::run(course, progress, &mut judge, request.json);
    }
    let range = match request.target {
        Some(target) => Range { target, is_frontier: false, takes_all_begun: false },
        None => frontier(course, &progress)?,
    };
    let mut has_told = false;
    let walk = walk::walk(course, &mut progress, &mut judge, range, &mut |module| {
        if !request.json {
            report::print_still_green(module);
            has_told = true;
        }
    });
    if has_told {
        say!();
    }
    // What was found before an error is true all the same, and so is what cannot be saved.
    let saved = progress.save();
    let walk = walk?;
    if request.json {
        json::print(course, &progress, &walk, judge.changed_judge())?;
    } else {
        report::print(course, &progress, &walk)?;
    }
    saved?;
    if !request.json {
        unused::print(course, &walk, &judge);
    }
    let is_green = matches!(walk.stop, Stop::Green(_) | Stop::Done);
    Ok(is_green && !matches!(walk.watched, Some(Watched::Differs(_))))
}

/// `cargo xtask explain`: judges as `check` does, and shows the red check that `name` names. If that is an exercise, shows
/// what others got wrong there.
pub(crate) fn explain(course: &Course, name: Option<&str>) -> Result<()> {
    if let Some(id) = name.and_then(|name| name.parse().ok()) {
        return after::explain(course, &Progress::load(&course.root)?, id);
    }
    let mut judge = Judge::new(course, None, false)?;
    explain::print(course, &walk_to_the_frontier(course, &mut judge)?, name)
}

/// `cargo xtask debug`: judges as `check` does, and builds the check that `name` names for a debugger.
pub(crate) fn debug(course: &Course, name: Option<&str>) -> Result<()> {
    let mut judge = Judge::new(course, None, false)?;
    let walk = walk_to_the_frontier(course, &mut judge)?;
    debug::prepare(course, &walk, &mut judge, name)
}

/// A check that was judged, with its module.
#[derive(Debug)]
pub(crate) struct Found<'a> {
    pub(crate) module: &'a Module,
    pub(crate) report: Report,
}

/// Judges as `check` does, and finds the check that `name` names, or else the first red one that lets servers run.
/// `None` if no check is red.
pub(crate) fn find<'a>(course: &'a Course, name: Option<&str>) -> Result<Option<Found<'a>>> {
    let mut judge = Judge::new(course, None, false)?;
    let walk = walk_to_the_frontier(course, &mut judge)?;
    if let Stop::Broken(_) = walk.stop {
        bail!("{} does not compile; `cargo xtask check` shows the errors", walk.module.dir);
    }
    let report = if let Some(name) = name {
        Some(explain::named(course, &walk, name)?)
    } else {
        let red = walk.wrong();
        red.iter().find(|report| report.has_run).or(red.first()).copied()
    };
    Ok(report.map(|report| Found { module: walk.module, report: report.clone() }))
}

fn walk_to_the_frontier<'a>(course: &'a Course, judge: &mut Judge<'_>) -> Result<Walk<'a>> {
    let mut progress = Progress::load(&course.root)?;
    // `check` also lists red checks of exercises that are open again.
    let range = Range { takes_all_begun: true, ..frontier(course, &progress)? };
    let walk = walk::walk(course, &mut progress, judge, range, &mut |_| {});
    progress.save()?;
    walk
}

/// The learner's place in the course: the module of the exercise that comes next, or else the last one.
fn frontier<'a>(course: &'a Course, progress: &Progress) -> Result<Range<'a>> {
    let next = progress.next(&course.modules).map(|(module, _)| module);
    let module = next.or(course.modules.last()).context("the course has no module")?;
    Ok(Range { target: Target::Module(module), is_frontier: true, takes_all_begun: false })
}
