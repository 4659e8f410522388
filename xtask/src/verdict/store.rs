//! Where verdicts are kept: in the target folder, because the checks can find them out again.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use course::{ExerciseId, Module, Outcome, Report, VERSION};
use serde::{Deserialize, Serialize};

use super::Fingerprint;
use super::digest::digest;
use super::freshness::{self, Texts};
use crate::{files, term};

/// How many verdicts of a module are kept. Undoing an edit then brings back its verdict at once.
const KEPT: usize = 8;

/// What is known of a module with one fingerprint.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Known {
    version: u32,
    /// How the texts of failures are laid out: for which width, and whether in colour.
    style: String,
    /// The exercises of which every check was run.
    pub(crate) exercises: BTreeSet<ExerciseId>,
    /// The reports of their checks, in the order of the suite for each exercise.
    pub(crate) reports: Vec<Report>,
}

impl Known {
    /// Without the exercises that are not green, if their texts are laid out for another terminal.
    fn in_style(mut self, style: &str) -> Self {
        if self.style != style {
            style.clone_into(&mut self.style);
            let red = self.reports.iter().filter(|report| !report.passed());
            let red: BTreeSet<ExerciseId> = red.map(|report| report.exercise).collect();
            self.exercises.retain(|id| !red.contains(id));
            self.reports.retain(|report| !red.contains(&report.exercise));
        }
        self
    }

    /// Adds what a run has found. A check that was stopped is not a lasting verdict: on a machine with less to
    /// do, it might end in time.
    pub(crate) fn add(&mut self, exercises: &BTreeSet<ExerciseId>, reports: &[Report]) {
        self.version = VERSION;
        for &id in exercises {
            let own: Vec<&Report> = reports.iter().filter(|report| report.exercise == id).collect();
            if own.is_empty() || own.iter().any(|report| report.outcome == Outcome::Stopped) {
                continue;
            }
            self.reports.retain(|report| report.exercise != id);
            self.reports.extend(own.into_iter().cloned());
            self.exercises.insert(id);
        }
    }
}

/// How texts are laid out for this terminal, or for a file.
fn style() -> String {
    format!("{:?}, coloured: {}", term::width(), term::is_coloured())
}

/// The verdicts of a tree.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
}

impl Store {
    pub(crate) fn of(root: &Path) -> Self {
        let target =
            std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
        Store { folder: root.join(target).join("raft-lab").join("verdicts") }
    }

    /// What is known of a module as it is now; nothing if it was not judged, or the file is damaged.
    pub(crate) fn load(&self, module: &Module, fingerprint: Fingerprint) -> Known {
        let bytes = fs::read(self.path(module, fingerprint)).unwrap_or_default();
        let known: Known = serde_json::from_slice(&bytes).unwrap_or_default();
        let known = if known.version == VERSION { known } else { Known::default() };
        known.in_style(&style())
    }

    /// Keeps what is known. If it cannot be written, the checks will run again, and no one is misled.
    pub(crate) fn save(&self, module: &Module, fingerprint: Fingerprint, known: &Known) {
        let path = self.path(module, fingerprint);
        let known = Known { style: style(), ..known.clone() };
        if let Ok(json) = serde_json::to_vec(&known) {
            let _ = files::write(&path, &json);
        }
        self.forget_the_oldest(module);
    }

    /// Makes cargo notice the sources in these folders that have changed since the gate of `module` was built.
    pub(crate) fn refresh(&self, root: &Path, module: &Module, folders: &[PathBuf]) -> Texts {
        freshness::refresh(root, folders, &self.built(module))
    }

    /// Notes what the gate of `module` was just built from.
    pub(crate) fn note_built(&self, module: &Module, gate: &Path, texts: Texts) {
        freshness::note(gate, texts, &self.built(module));
    }

    fn built(&self, module: &Module) -> PathBuf {
        self.folder.join(format!("{}.built", module.dir))
    }

    /// Notes that the failure of an exercise was shown for this text of its file. Returns whether that is new.
    pub(crate) fn note_shown(&self, exercise: ExerciseId, text: &str) -> bool {
        let path = self.folder.join(format!("shown-{exercise}"));
        let digest = format!("{:032x}", digest([text.as_bytes()]));
        if fs::read_to_string(&path).is_ok_and(|shown| shown == digest) {
            return false;
        }
        let _ = files::write(&path, digest.as_bytes());
        true
    }

    fn forget_the_oldest(&self, module: &Module) {
        let folder = self.folder.join(&module.dir);
        let mut all: Vec<(SystemTime, PathBuf)> = files::names(&folder)
            .unwrap_or_default()
            .into_iter()
            .map(|name| folder.join(name))
            .filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path)))
            .collect();
        all.sort();
        let surplus = all.len().saturating_sub(KEPT);
        for (_, path) in &all[..surplus] {
            let _ = fs::remove_file(path);
        }
    }

    fn path(&self, module: &Module, fingerprint: Fingerprint) -> PathBuf {
        self.folder.join(&module.dir).join(format!("{fingerprint}.json"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(exercise: &str, outcome: &str) -> Report {
        let text = format!(
            r#"{{"version":1,"module":"","exercise":"{exercise}","check":"a","claim":"A","points":1,
                "outcome":"{outcome}","todo":null,"seed":1,"millis":0,"text":"","show":null}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn ids(ids: &[&str]) -> BTreeSet<ExerciseId> {
        ids.iter().map(|id| id.parse().unwrap()).collect()
    }

    #[test]
    fn what_was_stopped_or_has_no_report_is_not_known() {
        let mut known = Known::default();
        let reports = [report("1.1", "passed"), report("1.2", "stopped"), report("1.4", "failed")];
        known.add(&ids(&["1.1", "1.2", "1.3", "1.4"]), &reports);
        assert_eq!(known.exercises, ids(&["1.1", "1.4"]));
        assert_eq!(known.reports.len(), 2);
    }

    #[test]
    fn the_text_of_a_failure_is_not_shown_on_another_terminal() {
        let mut known = Known::default();
        known.add(&ids(&["1.1", "1.2"]), &[report("1.1", "passed"), report("1.2", "failed")]);
        let known = known.in_style("narrow");
        assert_eq!(known.exercises, ids(&["1.1"]));
        assert_eq!(known.reports.len(), 1);
    }
}
