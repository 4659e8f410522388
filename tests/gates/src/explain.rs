//! The text that the learner reads about a check that did not pass.

use std::fmt::Write as _;
use std::path::Path;

use course::{Exercise, Module};

use crate::blame::{Blame, blame};
use crate::exercises;
use crate::paint::{Paint, fitted, labelled};
use crate::{Check, ExerciseId, Failure, Kind, SourceLine, Suite, storm};

/// The text of a failure: the claim, the step, what was expected and what happened, the reason, the exercise and
/// its place, and how to see it again. `printed` is the output of the subject's code.
pub(crate) fn explain(
    suite: &Suite,
    check: &Check,
    failure: &Failure,
    printed: &str,
    seed: u64,
    paint: Paint,
) -> String {
    let source = Source::of(suite);
    let mut out = format!("{}\n\n", paint.bold(&fitted(&check.claim)));
    if !failure.step.is_empty() {
        out += &labelled("step", &failure.step, str::to_owned);
    }
    out += &finding(failure, &source, paint);
    out.push('\n');
    out += &why(check, failure);
    for note in &failure.notes {
        out += &labelled("note", note, str::to_owned);
    }
    let exercise = match blame(suite, check, failure) {
        Some(blame) => source.blamed(&blame, check),
        None => source.exercise(check),
    };
    out += &labelled("exercise", &exercise, str::to_owned);
    out += &labelled("again", &source.again(suite, check, failure, seed), |line| paint.bold(line));
    if !printed.trim().is_empty() {
        out += &quoted(printed.trim_end(), paint);
    }
    out
}

/// Where the learner writes the code that a failed check is about: `modules/02-election/src/votes.rs:14`.
pub(crate) fn place_of(suite: &Suite, check: &Check, failure: &Failure) -> Option<String> {
    let source = Source::of(suite);
    let place = if let Some(blame) = blame(suite, check, failure) {
        source.place_of_blame(&blame, check)
    } else {
        let exercise = source.module.as_ref()?.exercise(check.exercise)?;
        source.place(exercise, check.function.as_ref(), source.manifest_dir)
    };
    let place = place?;
    Some(place.split_once(" (").map_or(place.as_str(), |(place, _)| place).to_owned())
}

/// The reason. There is none for code that panicked or was stopped: it is obvious that code must not do that, and the
/// check's own reason is about something else.
fn why(check: &Check, failure: &Failure) -> String {
    match (&failure.kind, &failure.why) {
        (Kind::Panicked | Kind::Stopped, _) => String::new(),
        (Kind::Differs | Kind::Todo(_), Some(why)) if why.is_empty() => String::new(),
        (Kind::Differs | Kind::Todo(_), why) => {
            labelled("why", why.as_ref().unwrap_or(&check.why), str::to_owned)
        }
    }
}

/// The output of the subject's code. If it is long, only its beginning and its end.
fn quoted(printed: &str, paint: Paint) -> String {
    const FIRST: usize = 20;
    const LAST: usize = 10;
    let mut lines: Vec<&str> = printed.lines().collect();
    if lines.len() > FIRST + LAST + 1 {
        lines.splice(FIRST..lines.len() - LAST, ["…"]);
    }
    let mut out = format!("\n{}\n", paint.dim("  Your code printed:"));
    for line in lines {
        let _ = writeln!(out, "  {} {line}", paint.dim("|"));
    }
    out
}

fn finding(failure: &Failure, source: &Source, paint: Paint) -> String {
    let lines = failure.expected.contains('\n') || failure.happened.contains('\n');
    if let Kind::Todo(exercise) = &failure.kind {
        let place = failure.place.as_ref().map(|at| format!(": {}", source.show(at)));
        let text = format!("exercise {exercise} is not written yet{}", place.unwrap_or_default());
        return labelled("happened", &text, |line| paint.red(line));
    }
    if lines {
        let legend = format!("{}   {}", paint.red("< happened"), paint.green("> expected"));
        let mut out = format!("\n  {legend}\n");
        for line in paint.diff(&failure.happened, &failure.expected).lines() {
            let _ = writeln!(out, "    {line}");
        }
        return out;
    }
    let mut out = labelled("expected", &failure.expected, |line| paint.green(line));
    out += &labelled("happened", &failure.happened, |line| paint.red(line));
    if let Some(place) = &failure.place {
        out += &labelled("at", &source.show(place), str::to_owned);
        if !source.is_subject(place) {
            let text = format!(
                "This is outside this module's source. If your code is not the cause, the lab is: please \
                 report it ({}).",
                course::where_to_report()
            );
            out += &labelled("", &text, str::to_owned);
        }
    }
    out
}

/// An exercise by its title, and its place below that.
fn named(exercise: &Exercise, place: Option<String>) -> String {
    let place = place.map_or_else(String::new, |place| format!("\n{place}"));
    format!("{} {}{place}", exercise.id, exercise.title)
}

/// The subject's source, if it can be found.
struct Source<'a> {
    root: &'a Path,
    manifest_dir: &'a Path,
    module: Option<Module>,
}

impl<'a> Source<'a> {
    fn of(suite: &'a Suite) -> Self {
        let root = exercises::root_of(suite);
        Source {
            root: root.unwrap_or(Path::new("")),
            manifest_dir: &suite.manifest_dir,
            module: exercises::module_of(suite),
        }
    }

    /// `3.1 Changing the log`, and below it `modules/03-replication/src/log.rs:45 (truncate_from)`.
    fn exercise(&self, check: &Check) -> String {
        let id: ExerciseId = check.exercise;
        let Some(exercise) = self.module.as_ref().and_then(|module| module.exercise(id)) else {
            return id.to_string();
        };
        named(exercise, self.place(exercise, check.function.as_ref(), self.manifest_dir))
    }

    /// The same for the exercise that a failure points to, with the reason why it is named.
    fn blamed(&self, blame: &Blame, check: &Check) -> String {
        let Some(exercise) = blame.module.exercise(blame.exercise) else {
            return blame.exercise.to_string();
        };
        let own = check.exercise;
        let mut text = named(exercise, self.place_of_blame(blame, check));
        if exercise.id == own {
            return text;
        }
        let _ = write!(text, "\n{}\nThe check itself belongs to exercise {own}", blame.reason);
        // Where something has panicked, its caller may be the cause as well.
        let own = self.module.as_ref().and_then(|module| module.exercise(own));
        let caller = own
            .filter(|_| blame.function.is_some())
            .and_then(|own| self.place(own, check.function.as_ref(), self.manifest_dir));
        text += &caller.map_or(".".to_owned(), |caller| format!(":\n{caller}"));
        text
    }

    /// The place of what a failure points to.
    fn place_of_blame(&self, blame: &Blame, check: &Check) -> Option<String> {
        let exercise = blame.module.exercise(blame.exercise)?;
        // All modules are in one folder, and so are all solutions.
        let folder = if exercise.id.module == check.exercise.module {
            self.manifest_dir.to_owned()
        } else {
            self.manifest_dir.with_file_name(&blame.module.dir)
        };
        self.place(exercise, blame.function.as_ref(), &folder)
    }

    /// `modules/03-replication/src/log.rs:45 (truncate_from)`, or the file that is the answer. `None` on the open path,
    /// where the code may be anywhere.
    fn place(
        &self,
        exercise: &Exercise,
        function: Option<&String>,
        folder: &Path,
    ) -> Option<String> {
        let items = function.map_or(&exercise.functions[..], std::slice::from_ref);
        match items.first() {
            Some(first) => {
                let place = exercises::place(exercise, self.root, folder, first);
                Some(format!("{place} ({})", items.join(", ")))
            }
            None if exercise.is_rust() => None,
            None => Some(exercises::shown(self.root, &folder.join(&exercise.file))),
        }
    }

    /// The command that runs the check again. For storms beyond those of the gate, it runs the one that failed.
    fn again(&self, suite: &Suite, check: &Check, failure: &Failure, seed: u64) -> String {
        if let Some(command) = &check.again {
            return command.clone();
        }
        let learner = !self.manifest_dir.ancestors().any(|dir| dir.ends_with("solutions"));
        let package = self.module.as_ref().map(|module| module.package.as_str());
        let storm = storm::number_in(&failure.step).filter(|_| suite.is_storms_alone);
        match (package, storm) {
            (Some(package), _) if !learner && suite.prefix.is_empty() => {
                let name = suite.test_name(check);
                let seed = if seed == 1 { String::new() } else { format!("RAFT_LAB_SEED={seed} ") };
                format!("{seed}cargo test -p {package}-solution --test gate -- --exact {name}")
            }
            (Some(package), Some(number)) => {
                let whose =
                    suite.exercise_of_storms.map_or(package.to_owned(), |id| id.to_string());
                format!("cargo xtask fuzz {whose} --seed {seed} --storm {number}")
            }
            _ if seed == 1 => format!("cargo xtask check {}", check.exercise),
            _ => format!("cargo xtask check {} --seed {seed}", check.exercise),
        }
    }

    fn show(&self, place: &SourceLine) -> String {
        let file = exercises::shown(self.root, Path::new(&place.file));
        format!("{file}:{}", place.line)
    }

    fn is_subject(&self, place: &SourceLine) -> bool {
        // The compiler names files of the workspace from its root, wherever that is.
        self.root.join(&place.file).starts_with(self.manifest_dir)
    }
}
