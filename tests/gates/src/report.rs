//! Makes the report of a check that is over.

use std::fs;
use std::path::Path;
use std::time::Instant;

use crate::blame::blame;
use crate::check_record::{CheckEnd, LeftFile};
use crate::exercises::root_of;
use crate::explain::{explain, place_of};
use crate::paint::Paint;
use crate::{Check, Kind, Outcome, Report, Scope, Suite, VERSION};

/// A check that is over.
pub(crate) struct Judgement<'a> {
    pub(crate) suite: &'a Suite,
    pub(crate) check: &'a Check,
    pub(crate) seed: u64,
    pub(crate) started: Instant,
}

impl Judgement<'_> {
    /// Its report. Files for the learner are written.
    pub(crate) fn report(&self, mut over: CheckEnd, printed: &str, paint: Paint) -> Report {
        let &Judgement { suite, check, seed, started } = self;
        if let Some(root) = root_of(suite) {
            write_files(root, &mut over);
        }
        let evidence = over.failure.as_mut().and_then(|found| found.evidence.take());
        let kind = over.failure.as_ref().map(|failure| &failure.kind);
        let text =
            over.failure.as_ref().map(|found| explain(suite, check, found, printed, seed, paint));
        let place = over.failure.as_ref().and_then(|found| place_of(suite, check, found));
        let blamed = over.failure.as_ref().and_then(|failure| blame(suite, check, failure));
        let function = match &blamed {
            Some(blame) => blame.function.clone(),
            None => check.function.clone(),
        };
        Report {
            version: VERSION,
            prefix: suite.prefix.clone(),
            module: suite.module.clone(),
            exercise: check.exercise,
            blames: blamed.map(|blame| blame.exercise).filter(|id| *id != check.exercise),
            function,
            check: check.name(),
            claim: check.claim.clone(),
            points: check.points,
            outcome: match kind {
                None => Outcome::Passed,
                Some(Kind::Differs | Kind::Panicked) => Outcome::Failed,
                Some(Kind::Todo(_)) => Outcome::Todo,
                Some(Kind::Stopped) => Outcome::Stopped,
            },
            todo: match kind {
                Some(Kind::Todo(exercise)) => Some(exercise.clone()),
                _ => None,
            },
            seed,
            millis: u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            text: text.unwrap_or_default(),
            place,
            has_run: check.scope != Scope::Rule || evidence.is_some(),
            evidence,
            show: over.show,
        }
    }
}

/// Writes the files for the learner. A check must not fail because a folder is read-only, but its report must not
/// mention a file that does not exist.
fn write_files(root: &Path, over: &mut CheckEnd) {
    for LeftFile { path, text } in &over.files {
        let file = root.join(path);
        let folder = file.parent().map_or(Ok(()), fs::create_dir_all);
        let written = folder.and_then(|()| fs::write(&file, text));
        if let (Err(error), Some(failure)) = (written, &mut over.failure) {
            failure.notes.push(format!("{path} could not be written: {error}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Failure;

    #[test]
    fn files_for_the_learner_are_written_and_one_that_is_missing_is_named() {
        let root = std::env::temp_dir().join(format!("gates-left-{}", std::process::id()));
        let file = |path: &str| LeftFile { path: path.to_owned(), text: "a script".to_owned() };
        let mut over = CheckEnd {
            failure: Some(*Failure::new("", "")),
            files: vec![file("target/a.scenario"), file("target/a.scenario/b.scenario")],
            ..CheckEnd::default()
        };
        write_files(&root, &mut over);
        assert_eq!(fs::read_to_string(root.join("target/a.scenario")).unwrap(), "a script");
        let notes = over.failure.unwrap().notes;
        assert_eq!(notes.len(), 1, "{notes:?}");
        assert!(notes[0].starts_with("target/a.scenario/b.scenario could not be written"));
        fs::remove_dir_all(root).unwrap();
    }
}
