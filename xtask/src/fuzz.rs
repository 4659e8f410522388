//! `fuzz`: runs storms beyond those of the gate, until one ends badly or it is stopped.

use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, bail};
use course::{ExerciseId, Module, Report, Select};

use crate::build::{self, Built};
use crate::gate::{Gate, Options};
use crate::progress::Progress;
use crate::term;
use crate::tree::{Course, Target};

/// The gate runs the storms up to this number itself.
const GATE: u64 = 200;

/// How many storms run before the next look at whether to stop.
const CHUNK: u64 = 25;

/// How often a line says how far it is, where lines cannot be overwritten.
const LINE_EVERY: Duration = Duration::from_secs(10);

const NO_STORMS: &str = "there are no storms on these servers: an exercise has some only if its chapter says so, and \
                         `cargo xtask fuzz election` runs those of a module";

/// What is asked for.
pub(crate) struct Request<'a> {
    /// A module, or an exercise that has storms of its own.
    pub(crate) module: Option<&'a str>,
    pub(crate) runs: Option<u64>,
    pub(crate) seed: Option<u64>,
    /// The number of the only storm to run.
    pub(crate) storm: Option<u64>,
    pub(crate) minutes: Option<u64>,
}

/// `cargo xtask fuzz`. Returns whether all storms ended well.
pub(crate) fn run(course: &Course, request: &Request<'_>) -> Result<bool> {
    let (module, exercise) = whose_storms(course, request.module)?;
    let gate = match build::gate(&course.root, &module.package)? {
        Built::Ready(gate) => gate,
        Built::Broken(errors) => {
            for error in errors {
                say_aside!("{}", error.rendered);
            }
            bail!("{} does not compile yet", module.called());
        }
    };
    let select = match exercise {
        Some(id) => Select::Only(id),
        None => storms_of(course, module)?,
    };
    if let (Some(seed), Some(number)) = (request.seed, request.storm) {
        return one(&gate, &select, seed, number);
    }
    // A seed that nobody has tried yet. It is printed, so that the run can be repeated.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |time| time.as_secs());
    let seed = request.seed.unwrap_or(now);
    let most = request.runs.unwrap_or(u64::MAX);
    // A time beyond all clocks is no limit.
    let after =
        |minutes: u64| Instant::now().checked_add(Duration::from_secs(minutes.checked_mul(60)?));
    let end = request.minutes.and_then(after);
    let servers = match exercise {
        Some(id) => format!("the servers of exercise {id}"),
        None => format!("{} ({})", module.called(), module.title),
    };
    tell!(
        "Storms for {servers}, base seed {seed}.{}",
        if io::stdin().is_terminal() { " Press Enter (or Ctrl-C) to stop." } else { "" }
    );

    let stop = Arc::new(AtomicBool::new(false));
    if io::stdin().is_terminal() {
        stop_at_enter(Arc::clone(&stop));
    }
    let started = Instant::now();
    let storms = Storms {
        gate: &gate,
        select: &select,
        seed,
        most,
        started,
        end,
        stop: &stop,
        next: AtomicU64::new(0),
    };
    let (done, bad) = storms.run()?;
    let whose = exercise.map_or(module.package.clone(), |id| id.to_string());
    storms.tell_end(&whose, done, bad.as_ref());
    Ok(bad.is_none())
}

/// The module whose storms are run, and the exercise if it is one exercise's alone.
fn whose_storms<'a>(
    course: &'a Course,
    name: Option<&str>,
) -> Result<(&'a Module, Option<ExerciseId>)> {
    let (module, exercise) = match name.map(|name| course.target(name)).transpose()? {
        Some(Target::Module(module)) => (module, None),
        Some(Target::Exercise(module, exercise)) => (module, Some(exercise.id)),
        None => (furthest(course)?, None),
    };
    if !has_storms(course, module) {
        let others = course.modules.iter().filter(|module| has_storms(course, module));
        let names: Vec<&str> = others.map(|module| module.dir.as_str()).collect();
        bail!("{} has no storms; those with storms are {}", module.called(), names.join(", "));
    }
    Ok((module, exercise))
}

/// Notes when the user presses Enter. This needs no handler of signals, whose crates would take a tenth of the
/// time to build the runner; Ctrl-C just ends the program.
fn stop_at_enter(stop: Arc<AtomicBool>) {
    thread::spawn(move || {
        let mut line = String::new();
        if io::stdin().read_line(&mut line).is_ok_and(|bytes| bytes > 0) {
            stop.store(true, Ordering::Relaxed);
        }
    });
}

/// Runs the storm with this number and base seed.
fn one(gate: &Gate, select: &Select, seed: u64, number: u64) -> Result<bool> {
    let options = Options { seed: Some(seed), ..Options::default() };
    let reports = gate.storms((number, number), select, options)?;
    let report = reports.into_iter().next().context(NO_STORMS)?;
    if report.passed() {
        say!("{} Storm {number} with base seed {seed} ended well.", term::green("✔"));
    } else {
        say!("{}", report.text.trim_end());
    }
    Ok(report.passed())
}

/// Whether the suite of a module has storms.
fn has_storms(course: &Course, module: &Module) -> bool {
    course.root.join(module.suite()).join("storms.rs").is_file()
}

/// The exercises whose storms run: of the open path the milestones that are done, and the first; otherwise all of the
/// module's but bonuses that are not done, and what is done of other
/// modules, since a later module's servers can be asked for that too.
fn storms_of(course: &Course, module: &Module) -> Result<Select> {
    let progress = Progress::load(&course.root)?;
    if module.is_open_path() {
        // A server need not do yet what a later milestone asks for.
        let done = module.exercises.iter().map(|it| it.id).filter(|&id| progress.is_done(id));
        let first = module.exercises.first().map(|it| it.id);
        return Ok(Select::Exercises(done.chain(first).collect()));
    }
    let exercises = course.modules.iter().flat_map(|module| &module.exercises);
    let done = exercises.map(|exercise| exercise.id).filter(|&id| progress.is_done(id));
    let core = module.core().map(|exercise| exercise.id);
    Ok(Select::Exercises(core.chain(done).collect::<BTreeSet<ExerciseId>>()))
}

/// The last module with storms whose core exercises are done.
fn furthest(course: &Course) -> Result<&Module> {
    if let Some(open) = course.modules.iter().find(|module| module.is_open_path()) {
        return Ok(open);
    }
    let progress = Progress::load(&course.root)?;
    let is_done = |module: &&Module| module.core().all(|exercise| progress.is_done(exercise.id));
    let mut modules = course.modules.iter().filter(|module| has_storms(course, module));
    modules.rfind(is_done).context(
        "no module with storms is done yet; the first is module 2. To run the storms of a module anyway, \
         name it: `cargo xtask fuzz election`",
    )
}

struct Storms<'a> {
    gate: &'a Gate,
    select: &'a Select,
    seed: u64,
    most: u64,
    started: Instant,
    end: Option<Instant>,
    stop: &'a AtomicBool,
    /// How many storms were handed to workers.
    next: AtomicU64,
}

impl Storms<'_> {
    /// Runs them on all processors. Returns how many ended well, and the report of the first that did not.
    fn run(&self) -> Result<(u64, Option<Report>)> {
        let workers = thread::available_parallelism().map_or(1, NonZero::get);
        let (sender, results) = mpsc::channel();
        thread::scope(|scope| {
            for _ in 0..workers {
                let sender = sender.clone();
                scope.spawn(move || self.work(&sender));
            }
            drop(sender);
            let outcome = self.collect(&results);
            self.stop_quietly(&outcome);
            outcome
        })
    }

    /// Says how the storms of this module or exercise ended, of which `done` are done.
    fn tell_end(&self, whose: &str, done: u64, bad: Option<&Report>) {
        let (seed, seconds) = (self.seed, self.started.elapsed().as_secs_f64());
        if let Some(report) = bad {
            say!("\n{}\n", report.text.trim_end());
            tell!("One storm ended badly, after {seconds:.0} s. `again` says how to run it alone.");
            tell!(
                "To run all of them again, in the same order: cargo xtask fuzz {whose} --seed {seed}"
            );
            return;
        }
        let how = if self.stop.load(Ordering::Relaxed) { "stopped" } else { "all done" };
        tell!(
            "{} {done} storms in {seconds:.0} s ({how}), base seed {seed}: all ended well.",
            term::green("✔")
        );
    }

    fn work(&self, sender: &mpsc::Sender<Result<(u64, Option<Report>)>>) {
        while !self.is_over() {
            let first = self.next.fetch_add(CHUNK, Ordering::Relaxed);
            if first >= self.most {
                return;
            }
            let count = CHUNK.min(self.most - first);
            let numbers = (GATE + first + 1, GATE + first + count);
            let options = Options { seed: Some(self.seed), ..Options::default() };
            let reports = self.gate.storms(numbers, self.select, options);
            let result = reports.map(|reports| {
                let any = !reports.is_empty();
                // Of storms of several kinds, one that has become a short script says most.
                let bad = reports.into_iter().filter(|report| !report.passed());
                let bad = bad.min_by_key(|report| !report.text.contains("target/storms/"));
                (if any && bad.is_none() { count } else { 0 }, bad)
            });
            if sender.send(result).is_err() {
                return;
            }
        }
    }

    fn is_over(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.end.is_some_and(|end| Instant::now() >= end)
    }

    fn collect(
        &self,
        results: &mpsc::Receiver<Result<(u64, Option<Report>)>>,
    ) -> Result<(u64, Option<Report>)> {
        let mut done = 0;
        let mut said = self.started;
        loop {
            self.show(done, &mut said);
            match results.recv_timeout(Duration::from_millis(200)) {
                Ok(Ok((count, None))) if count > 0 => done += count,
                Ok(Ok((_, None))) => {
                    bail!(NO_STORMS)
                }
                Ok(Ok((_, bad))) => return Ok((done, bad)),
                Ok(Err(error)) => return Err(error),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    clear();
                    return Ok((done, None));
                }
            }
        }
    }

    /// Once the outcome is known, workers begin nothing new.
    fn stop_quietly(&self, outcome: &Result<(u64, Option<Report>)>) {
        if !matches!(outcome, Ok((_, None))) {
            self.stop.store(true, Ordering::Relaxed);
            clear();
        }
    }

    /// Says how far it is: in a line that is overwritten, or in a line now and then.
    fn show(&self, done: u64, said: &mut Instant) {
        let is_rewritable = term::is_rewritable();
        if !is_rewritable && said.elapsed() < LINE_EVERY {
            return;
        }
        *said = Instant::now();
        let of = if self.most == u64::MAX { String::new() } else { format!(" of {}", self.most) };
        let seconds = self.started.elapsed().as_secs();
        let rate =
            done.checked_div(seconds).map_or(String::new(), |rate| format!(", {rate} a second"));
        let left = self.end.map_or(String::new(), |end| {
            format!(", {} s left", end.saturating_duration_since(Instant::now()).as_secs())
        });
        let line = format!("{done}{of} storms in {seconds} s{rate}{left}: all ended well");
        if is_rewritable {
            term::part(&mut io::stderr(), format_args!("\r\x1b[2K  {line}"));
        } else {
            say_aside!("{line}");
        }
    }
}

fn clear() {
    if term::is_rewritable() {
        term::part(&mut io::stderr(), format_args!("\r\x1b[2K"));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_module_has_storms_if_its_gate_runs_them() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let course = Course::load(root.to_path_buf()).unwrap();
        for module in &course.modules {
            let gate = std::fs::read_to_string(root.join(module.suite()).join("rules.rs"));
            let runs_them = gate.is_ok_and(|text| text.contains(".storms("));
            assert_eq!(has_storms(&course, module), runs_them, "{}", module.dir);
        }
    }
}
