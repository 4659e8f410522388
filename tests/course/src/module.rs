//! A module, as its `exercises.toml` and its `questions.toml` describe it.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::error::Error;
use crate::hints::{self, Hints};
use crate::id::{ExerciseId, OPEN, OPEN_DIR};
use crate::question::{self, Question};

/// One module of the course.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Its folder in `modules/`, `solutions/` and `tests/`.
    #[serde(rename = "module")]
    pub dir: String,
    /// The learner's package. The reference's is called the same with `-solution` appended.
    pub package: String,
    /// Its title.
    pub title: String,
    /// The sections of the paper that it is about.
    pub section: String,
    /// Whether it neither builds on another module nor has one built on it.
    #[serde(default)]
    pub alone: bool,
    /// Whether it comes after the finish line of the course.
    #[serde(default)]
    pub stretch: bool,
    /// The exercises, in ascending order of their ids.
    #[serde(rename = "exercise")]
    pub exercises: Vec<Exercise>,
    /// Questions on the module, in the order in which they are asked. They have a file of their own.
    #[serde(skip)]
    pub questions: Vec<Question>,
}

/// One exercise.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exercise {
    /// Its id.
    pub id: ExerciseId,
    /// Its title.
    pub title: String,
    /// The sections of the paper that it is about.
    pub section: String,
    /// The file to write, relative to the module's folder, with `/`.
    pub file: String,
    /// The functions or types of that file that it asks for.
    #[serde(default)]
    pub functions: Vec<String>,
    /// What it is worth.
    pub points: u32,
    /// How many minutes it takes.
    pub minutes: u32,
    /// Whether the course can be completed without it.
    #[serde(default)]
    pub bonus: bool,
    /// The module before which it must be done, if it may be postponed.
    #[serde(default)]
    pub until: Option<u32>,
    /// What learners get wrong here, and who did: it is shown once the exercise is green, and never before.
    #[serde(default)]
    pub after: Vec<String>,
    /// Hints, for the whole exercise or for each of its functions.
    #[serde(deserialize_with = "hints::read")]
    pub hints: Vec<Hints>,
}

impl Exercise {
    /// The module before which it is due: its own, unless it may be postponed.
    pub fn due(&self) -> u32 {
        self.until.unwrap_or(self.id.module)
    }

    /// Whether it is written in Rust, and not a scenario.
    pub fn is_rust(&self) -> bool {
        Path::new(&self.file).extension().is_some_and(|extension| extension == "rs")
    }

    /// The file, relative to the module's `src`.
    pub fn path_in_src(&self) -> &Path {
        let path = Path::new(&self.file);
        path.strip_prefix("src").unwrap_or(path)
    }
}

impl Module {
    /// The number at the beginning of its folder's name, or [`OPEN`].
    pub fn number(&self) -> u32 {
        number_of(&self.dir).unwrap_or_default()
    }

    /// Whether it is the open path: a server of the learner's own design, whose exercises are milestones.
    pub fn is_open_path(&self) -> bool {
        self.dir == OPEN_DIR
    }

    /// What messages call it: `Module 2`, or `The open path`.
    pub fn name(&self) -> String {
        if self.is_open_path() {
            "The open path".to_owned()
        } else {
            format!("Module {}", self.number())
        }
    }

    /// The learner's folder, relative to the root.
    pub fn learner(&self) -> PathBuf {
        Path::new("modules").join(&self.dir)
    }

    /// The reference's folder, relative to the root.
    pub fn solution(&self) -> PathBuf {
        Path::new("solutions").join(&self.dir)
    }

    /// The folder of the checks, relative to the root.
    pub fn suite(&self) -> PathBuf {
        Path::new("tests").join(&self.dir)
    }

    /// The reference's package.
    pub fn solution_package(&self) -> String {
        format!("{}-solution", self.package)
    }

    /// The same within a sentence: `module 2`, or `the open path`.
    pub fn called(&self) -> String {
        if self.is_open_path() {
            "the open path".to_owned()
        } else {
            format!("module {}", self.number())
        }
    }

    /// What messages call one of its exercises: `Exercise`, or `Milestone`.
    pub fn exercise_noun(&self) -> &'static str {
        if self.is_open_path() { "Milestone" } else { "Exercise" }
    }

    /// The exercise with this id.
    pub fn exercise(&self, id: ExerciseId) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.id == id)
    }

    /// The exercises that are not a bonus.
    pub fn core(&self) -> impl Iterator<Item = &Exercise> {
        self.exercises.iter().filter(|exercise| !exercise.bonus)
    }

    /// Whether `text` names this module: `2`, `02`, `election` and `02-election` all do.
    pub fn is_called(&self, text: &str) -> bool {
        text == self.dir
            || text == self.package
            || self.dir.split_once('-').is_some_and(|(_, name)| name == text)
            || text.parse() == Ok(self.number())
    }

    fn validate(&self, dir: &str) -> Result<(), Error> {
        if self.dir != dir {
            return Err(Error::new(format!("it describes `{}`, but is in `{dir}`", self.dir)));
        }
        let mut previous = None;
        for exercise in &self.exercises {
            let id = exercise.id;
            if id.module != self.number() || previous >= Some(id) {
                return Err(Error::new(format!("exercise {id} is out of place")));
            }
            previous = Some(id);
            hints::validate(&exercise.hints, &exercise.functions)
                .map_err(|error| Error::new(format!("exercise {id}: {error}")))?;
        }
        Ok(())
    }
}

/// The number at the beginning of a module's folder: 2 of `02-election`. The open path has its own.
fn number_of(dir: &str) -> Option<u32> {
    if dir == OPEN_DIR {
        return Some(OPEN);
    }
    dir.split_once('-')?.0.parse().ok()
}

/// The folders of the modules that have exercises in the tree at `root`, in order. The open path is none of them:
/// nothing builds on it, and a learner of the modules need not have it.
///
/// # Errors
/// If `modules/` cannot be read.
pub fn module_dirs(root: &Path) -> Result<Vec<String>, Error> {
    let modules = root.join("modules");
    let cannot_read = |error| Error::new(format!("cannot read {}: {error}", modules.display()));
    let mut dirs = Vec::new();
    for entry in fs::read_dir(&modules).map_err(cannot_read)? {
        let dir = entry.map_err(cannot_read)?.file_name().to_string_lossy().into_owned();
        // A module that is being written has no exercises yet.
        let is_module = number_of(&dir).is_some() && dir != OPEN_DIR;
        if is_module && exercises_toml(root, &dir).exists() {
            dirs.push(dir);
        }
    }
    dirs.sort();
    Ok(dirs)
}

/// Reads all modules of the tree at `root`, in order.
///
/// # Errors
/// If a file cannot be read, or is not valid.
pub fn read_modules(root: &Path) -> Result<Vec<Module>, Error> {
    module_dirs(root)?.iter().map(|dir| read_module(root, dir)).collect()
}

/// Reads the open path of the tree at `root`. `None` if the tree was handed out without it.
///
/// # Errors
/// As [`read_module`].
pub fn read_open(root: &Path) -> Result<Option<Module>, Error> {
    let is_there = root.join("modules").join(OPEN_DIR).is_dir();
    (is_there && exercises_toml(root, OPEN_DIR).exists())
        .then(|| read_module(root, OPEN_DIR))
        .transpose()
}

/// Reads `tests/DIR/exercises.toml` of the tree at `root`, and `questions.toml` beside it, if there is one.
///
/// # Errors
/// If one of them cannot be read, or is not valid. The message names the file.
pub fn read_module(root: &Path, dir: &str) -> Result<Module, Error> {
    let mut module = read(&exercises_toml(root, dir), |text| parse(text, dir))?;
    let questions = root.join("tests").join(dir).join("questions.toml");
    if questions.exists() {
        module.questions = read(&questions, |text| question::parse(text, module.number()))?;
    }
    Ok(module)
}

fn read<T>(path: &Path, parse: impl Fn(&str) -> Result<T, Error>) -> Result<T, Error> {
    let text = fs::read_to_string(path)
        .map_err(|error| Error::new(format!("cannot read {}: {error}", path.display())))?;
    parse(&text).map_err(|error| Error::new(format!("{} is not valid: {error}", path.display())))
}

fn parse(text: &str, dir: &str) -> Result<Module, Error> {
    let module: Module =
        toml_edit::de::from_str(text).map_err(|error| Error::new(error.to_string()))?;
    module.validate(dir)?;
    Ok(module)
}

fn exercises_toml(root: &Path, dir: &str) -> PathBuf {
    root.join("tests").join(dir).join("exercises.toml")
}

#[cfg(test)]
mod tests;
