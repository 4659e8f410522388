//! `replay`: a page on which a run of the learner's servers can be stepped through.
//!
//! The gate records the run, the program `viewer` makes the page. Neither is needed for `check`.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::{ExerciseId, Module, SelectedCheck, layers};
use serde_json::{Value, json};

use crate::build::{self, Built};
use crate::check::{self, Found};
use crate::tree::Course;
use crate::{files, open, viewer};

/// Where recordings and pages go.
pub(crate) const FOLDER: &str = "target/replays";

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    /// A check, a scenario or a recording.
    pub(crate) target: Option<&'a str>,
    /// Whether the page is opened.
    pub(crate) open: bool,
    /// Where the page goes.
    pub(crate) out: Option<&'a Path>,
}

/// What will be recorded, and by which module's gate.
struct Recorded<'a> {
    module: &'a Module,
    /// The name of the page.
    name: String,
    /// For the gate: a check or a script.
    request: Value,
    /// The learner's place, for a check without a run.
    place: Option<String>,
    /// The scenario's file, if it is one.
    script: Option<PathBuf>,
}

/// A recording in a file.
pub(crate) struct RecordingFile {
    pub(crate) file: PathBuf,
    /// The name of the page or figure that is made from it.
    pub(crate) name: String,
    /// The scenario that was run, if it was one.
    pub(crate) script: Option<PathBuf>,
}

/// `cargo xtask replay`.
pub(crate) fn run(course: &Course, request: &Request<'_>) -> Result<()> {
    let recording = record(course, request.target)?;
    page(course, request, &recording.file, &recording.name)
}

/// Records what is asked for, unless it is a recording already.
pub(crate) fn record(course: &Course, target: Option<&str>) -> Result<RecordingFile> {
    if let Some(file) = target.map(Path::new).filter(|path| is_recording(path)) {
        let file = std::path::absolute(file).context("the recording's path")?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        return Ok(RecordingFile { file, name, script: None });
    }
    let recorded = match script(course, target)? {
        Some(script) => script,
        None => of_check(course, target)?,
    };
    let folder = course.root.join(FOLDER);
    let file = folder.join(format!("{}.json", recorded.name));
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {FOLDER}"))?;
    let gate = match build::gate(&course.root, &recorded.module.package)? {
        Built::Ready(gate) => gate,
        Built::Broken(_) => {
            bail!("{} does not compile; `cargo xtask check` shows the errors", recorded.module.dir)
        }
    };
    let mut asked = recorded.request;
    asked["out"] = json!(file);
    asked["again"] = json!(again(target));
    gate.replay(&asked.to_string())?;
    if !put_places(course, recorded.module, &file)? {
        let place = recorded
            .place
            .map_or_else(String::new, |place| format!(" The exercise is at {place}."));
        bail!(
            "this check lets no servers run: it calls functions, one at a time, so there is nothing to step \
             through.{place}"
        );
    }
    Ok(RecordingFile { file, name: recorded.name, script: recorded.script })
}

fn is_recording(path: &Path) -> bool {
    path.extension().is_some_and(|end| end == "json")
}

/// The command that makes the same page again.
fn again(target: Option<&str>) -> String {
    match target {
        None => "cargo xtask replay".to_owned(),
        Some(target) if target.contains(' ') => format!("cargo xtask replay \"{target}\""),
        Some(target) => format!("cargo xtask replay {target}"),
    }
}

/// The scenario that is asked for, if it is one: by its path, its name in a module, or `own`.
fn script<'a>(course: &'a Course, target: Option<&str>) -> Result<Option<Recorded<'a>>> {
    let Some(target) = target else { return Ok(None) };
    let Some(path) = scenario(course, target) else { return Ok(None) };
    let text =
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let text = text.replace("\r\n", "\n");
    let exercise = exercise(course, &path, &text)?;
    let Some((module, _)) = course.exercise(exercise) else {
        bail!("{} is about exercise {exercise}, which does not exist", path.display());
    };
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = if stem == "own" { format!("own-{}", module.number()) } else { stem };
    let request = json!({"check": "", "exercise": exercise, "path": path, "script": text});
    Ok(Some(Recorded { module, name, request, place: None, script: Some(path) }))
}

/// A scenario, by its path, its name in a module, or `own`.
pub(crate) fn scenario(course: &Course, target: &str) -> Option<PathBuf> {
    if target == "own" {
        let own = course.modules.iter().rev();
        let own = own.map(|it| course.root.join(it.learner()).join("src/own.scenario"));
        // The last one that is written.
        let is_written = |path: &PathBuf| {
            fs::read_to_string(path).is_ok_and(|text| !text.contains("todo \"exercise"))
        };
        return own.filter(|path| path.is_file()).find(is_written);
    }
    let path = Path::new(target);
    if path.extension().is_some_and(|end| end == "scenario") {
        let candidates = [path.to_owned(), course.root.join(path)];
        return candidates.into_iter().find(|path| path.is_file()).or(Some(path.to_owned()));
    }
    let named =
        |module: &Module| course.root.join(module.suite()).join(format!("{target}.scenario"));
    course.modules.iter().map(named).find(|path| path.is_file())
}

/// The exercise that a scenario is about: its header says so. A learner's own is about the exercise that asks for it.
pub(crate) fn exercise(course: &Course, path: &Path, text: &str) -> Result<ExerciseId> {
    let named = text.lines().find_map(|line| line.strip_prefix("# exercise:")?.trim().parse().ok());
    if let Some(id) = named {
        return Ok(id);
    }
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let is_its =
        |module: &Module, file: &str| course.root.join(module.learner()).join(file) == whole;
    let all = course.modules.iter();
    let mut asking = all.flat_map(|module| module.exercises.iter().map(move |it| (module, it)));
    let found = asking.find(|(module, exercise)| is_its(module, &exercise.file));
    found.map(|(_, exercise)| exercise.id).with_context(|| {
        format!(
            "{} does not say which exercise it is about; add a line like `# exercise: 4.5` at its top",
            path.display()
        )
    })
}

/// The check that is asked for, or the first red one.
fn of_check<'a>(course: &'a Course, name: Option<&str>) -> Result<Recorded<'a>> {
    if let Some(id) = name.and_then(|name| name.parse::<ExerciseId>().ok()) {
        bail!(
            "{id} is an exercise; name one of its checks, or leave the name out for the first red one"
        );
    }
    let found = match name {
        None => check::find(course, None)?,
        Some(name) => check::find(course, Some(name)).with_context(|| {
            format!(
                "`{name}` is no scenario and no recording either (a scenario is named by its file)"
            )
        })?,
    };
    let Some(Found { module, report }) = found else {
        bail!("no check is red; name a check, a scenario (docs/scenarios.md) or a recording");
    };
    let check = SelectedCheck::of(&report);
    let place = report.place.clone().or_else(|| {
        let exercise = module.exercise(report.exercise)?;
        Some(files::shown(&module.learner().join(&exercise.file)))
    });
    let request = json!({"check": check.to_string(), "path": "", "script": ""});
    Ok(Recorded { module, name: report.check, request, place, script: None })
}

/// Adds where the learner's rows are. Returns whether there is a recording at all.
fn put_places(course: &Course, module: &Module, file: &Path) -> Result<bool> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let mut runs: Vec<Value> =
        serde_json::from_str(&text).context("the gate left no recordings")?;
    let places = places(course, module);
    for run in &mut runs {
        run["places"] = json!(places);
    }
    fs::write(file, json!(runs).to_string())
        .with_context(|| format!("cannot write {}", file.display()))?;
    Ok(!runs.is_empty())
}

/// For each row of the table of rules, the file and line of the function that is called first. What cannot be read is
/// left out: the page does without.
pub(crate) fn places(course: &Course, last: &Module) -> BTreeMap<String, String> {
    let upto = course.modules.iter().take_while(|module| module.number() <= last.number());
    let modules: Vec<Module> = upto.cloned().collect();
    let rows = layers::rows(&course.root, &modules, Module::learner).unwrap_or_default();
    let place = |row: layers::Row| {
        let layer = row.layers.first()?;
        let place = format!("{}:{} ({})", files::shown(&layer.file), layer.line, layer.function);
        Some((row.name, place))
    };
    rows.into_iter().filter_map(place).collect()
}

/// Makes the page of a recording.
fn page(course: &Course, request: &Request<'_>, recording: &Path, name: &str) -> Result<()> {
    let usual = course.root.join(FOLDER).join(format!("{name}.html"));
    let out = match request.out {
        Some(out) => std::path::absolute(out).context("the page's path")?,
        None => usual,
    };
    viewer::run(&course.root, [OsStr::new("page"), recording.as_os_str(), out.as_os_str()])?;
    let shown = out.strip_prefix(&course.root).unwrap_or(&out);
    say!("The page is {}.", files::shown(shown));
    if request.open {
        return open::page(&out);
    }
    say!("Open it in a browser, or add --open.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_does_the_same_again_can_be_typed() {
        assert_eq!(again(None), "cargo xtask replay");
        assert_eq!(again(Some("2")), "cargo xtask replay 2");
        assert_eq!(again(Some("A vote")), "cargo xtask replay \"A vote\"");
        assert!(is_recording(Path::new("a/b.json")) && !is_recording(Path::new("b.scenario")));
    }
}
