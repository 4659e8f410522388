//! Judges modules, and knows what was judged already.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Result, bail};
use course::{ExerciseId, Module, Report, Select};

use crate::build::{self, Built, CompileError};
use crate::gate::{Gate, Options};
use crate::hunt;
use crate::tree::Course;
use crate::verdict::{Fingerprint, Fingerprints, Known, Store, builds_on};

/// How often a module is judged again because its text changed meanwhile.
const ATTEMPTS: usize = 3;

/// Judges the modules of a course, for one command.
pub(super) struct Judge<'a> {
    course: &'a Course,
    fingerprints: Fingerprints,
    store: Store,
    seed: Option<u64>,
    /// Whether every check runs again, even if its verdict is known.
    afresh: bool,
    /// The gates that were built, each with the fingerprint of what it was built from.
    gates: BTreeMap<String, (Fingerprint, Gate)>,
}

/// What is found of some exercises of a module.
#[derive(Debug)]
pub(super) enum Findings {
    /// The module does not compile, as it is now.
    Broken(Vec<CompileError>),
    /// The reports of the checks.
    Judged(Judged),
}

/// The reports of checks on a module as it is now.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) reports: Vec<Report>,
    /// The checks that did not run, because the run ended early.
    pub(super) untried: Vec<(ExerciseId, String)>,
    /// Whether checks have run for it. Otherwise, the verdict was known.
    pub(super) is_new: bool,
}

impl<'a> Judge<'a> {
    pub(super) fn new(course: &'a Course, seed: Option<u64>, afresh: bool) -> Result<Self> {
        Ok(Judge {
            course,
            fingerprints: Fingerprints::new(course)?,
            store: Store::of(&course.root),
            seed,
            afresh,
            gates: BTreeMap::new(),
        })
    }

    pub(super) fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// The files of the judge that are not as they were handed out.
    pub(super) fn changed_judge(&self) -> &[String] {
        &self.fingerprints.changed_judge
    }

    /// The verdict on exercises of a module as it is now. Checks run only for what is not known yet. If a
    /// file changes while they run, no one can tell which text they have judged, and they run again.
    pub(super) fn judge(
        &mut self,
        module: &Module,
        exercises: &BTreeSet<ExerciseId>,
    ) -> Result<Findings> {
        hunt::draw_for(self.course, module)?;
        for attempt in 0..ATTEMPTS {
            if attempt > 0 {
                say_aside!("{} changed while it was judged. Judging it again …", module.dir);
            }
            let before = self.fingerprint(module)?;
            let mut known = self.known(module, before);
            let missing: BTreeSet<ExerciseId> =
                exercises.difference(&known.exercises).copied().collect();
            if missing.is_empty() {
                let reports = of_exercises(&known.reports, exercises);
                return Ok(Findings::Judged(Judged { reports, ..Judged::default() }));
            }
            if let Some(errors) = self.build(module, before)? {
                return Ok(Findings::Broken(errors));
            }
            let (_, gate) = &self.gates[&module.dir];
            let options = Options { seed: self.seed, ..Options::default() };
            let run = gate.run(&Select::Exercises(missing.clone()), options)?;
            if self.fingerprint(module)? != before {
                continue;
            }
            let mut reports = of_exercises(&known.reports, exercises);
            reports.extend(run.reports.iter().cloned());
            known.add(&tried(&missing, &run.untried), &run.reports);
            self.store.save(module, before, &known);
            return Ok(Findings::Judged(Judged { reports, untried: run.untried, is_new: true }));
        }
        bail!("{} changes faster than it can be judged; wait until it is saved", module.dir)
    }

    /// The module's gate, for what is done with it beyond judging exercises.
    pub(super) fn gate(&mut self, module: &Module) -> Result<Option<&Gate>> {
        let now = self.fingerprint(module)?;
        let is_broken = self.build(module, now)?.is_some();
        Ok(self.gates.get(&module.dir).filter(|_| !is_broken).map(|(_, gate)| gate))
    }

    /// The module's gate, if it was built for this command.
    pub(super) fn built(&self, module: &Module) -> Option<&Gate> {
        self.gates.get(&module.dir).map(|(_, gate)| gate)
    }

    /// Whether the failure of an exercise was not shown for this text of its file before. From now on, it was.
    pub(super) fn is_first_time(&self, exercise: ExerciseId, text: &str) -> bool {
        self.store.note_shown(exercise, text)
    }

    fn fingerprint(&self, module: &Module) -> Result<Fingerprint> {
        self.fingerprints.of(self.course, module, self.seed)
    }

    fn known(&self, module: &Module, fingerprint: Fingerprint) -> Known {
        if self.afresh { Known::default() } else { self.store.load(module, fingerprint) }
    }

    /// Builds the module's gate, unless it is built from just this text. Returns the compiler's errors.
    fn build(
        &mut self,
        module: &Module,
        fingerprint: Fingerprint,
    ) -> Result<Option<Vec<CompileError>>> {
        if self.gates.get(&module.dir).is_some_and(|(built_from, _)| *built_from == fingerprint) {
            return Ok(None);
        }
        let root = &self.course.root;
        let folders = builds_on(self.course, module)?;
        let texts = self.store.refresh(root, module, &folders);
        match build::gate(root, &module.package)? {
            Built::Broken(errors) => Ok(Some(errors)),
            Built::Ready(gate) => {
                self.store.note_built(module, gate.executable(), texts);
                self.gates.insert(module.dir.clone(), (fingerprint, gate));
                Ok(None)
            }
        }
    }
}

fn of_exercises(reports: &[Report], exercises: &BTreeSet<ExerciseId>) -> Vec<Report> {
    reports.iter().filter(|report| exercises.contains(&report.exercise)).cloned().collect()
}

/// The exercises of which every check has run.
fn tried(
    exercises: &BTreeSet<ExerciseId>,
    untried: &[(ExerciseId, String)],
) -> BTreeSet<ExerciseId> {
    let all_ran = |id: &ExerciseId| !untried.iter().any(|(other, _)| other == id);
    exercises.iter().copied().filter(all_ran).collect()
}
