//! The course: its modules in order, their exercises, and where everything stands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};

use crate::questions::{self, Question};
use crate::{files, stubs};

/// The name of an exercise: `1.3` is the third of module 1. Names never change, progress is kept by
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Id {
    pub(crate) module: u8,
    pub(crate) number: u8,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.module, self.number)
    }
}

impl FromStr for Id {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let parsed = text
            .split_once('.')
            .and_then(|(m, n)| Some(Id { module: m.parse().ok()?, number: n.parse().ok()? }));
        parsed
            .with_context(|| format!("`{text}` is not the name of an exercise; one looks like 1.3"))
    }
}

impl TryFrom<String> for Id {
    type Error = anyhow::Error;
    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl From<Id> for String {
    fn from(id: Id) -> String {
        id.to_string()
    }
}

/// One exercise, as `exercises.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Exercise {
    pub(crate) id: Id,
    pub(crate) title: String,
    /// Where in the paper.
    pub(crate) section: String,
    /// The file, relative to the module's folder.
    pub(crate) file: PathBuf,
    /// The functions or types of that file that it asks for.
    #[serde(default)]
    pub(crate) functions: Vec<String>,
    pub(crate) points: u32,
    pub(crate) minutes: u32,
    #[serde(default)]
    pub(crate) bonus: bool,
    /// It may be left until one comes to this module.
    #[serde(default)]
    pub(crate) until: Option<u8>,
    pub(crate) hints: Vec<String>,
}

/// One module, as `exercises.toml` describes it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Module {
    /// Its folder below `modules/`, `solutions/` and `tests/`.
    #[serde(rename = "module")]
    pub(crate) dir: String,
    /// The learner's package; the reference's has `-solution` behind it.
    pub(crate) package: String,
    pub(crate) title: String,
    pub(crate) section: String,
    /// Whether no other module stands upon it, and it upon none: so there is nothing to switch.
    #[serde(default)]
    pub(crate) alone: bool,
    /// Whether it comes after the finish line of the course.
    #[serde(default)]
    pub(crate) stretch: bool,
    #[serde(rename = "exercise")]
    pub(crate) exercises: Vec<Exercise>,
    #[serde(rename = "question", default)]
    pub(crate) questions: Vec<Question>,
}

impl Exercise {
    /// The module before which it is due: its own, if it may not be left for later.
    pub(crate) fn due(&self) -> u8 {
        self.until.unwrap_or(self.id.module)
    }
}

impl Module {
    /// The number in front of its folder's name.
    pub(crate) fn number(&self) -> u8 {
        number_of(&self.dir).unwrap_or_default()
    }

    /// The learner's folder, relative to the root.
    pub(crate) fn learner(&self) -> PathBuf {
        Path::new("modules").join(&self.dir)
    }

    /// The reference's folder, relative to the root.
    pub(crate) fn solution(&self) -> PathBuf {
        Path::new("solutions").join(&self.dir)
    }

    /// The folder of the checks, relative to the root.
    pub(crate) fn suite(&self) -> PathBuf {
        Path::new("tests").join(&self.dir)
    }

    /// The reference's package.
    pub(crate) fn solution_package(&self) -> String {
        format!("{}-solution", self.package)
    }

    pub(crate) fn exercise(&self, id: Id) -> Option<&Exercise> {
        self.exercises.iter().find(|exercise| exercise.id == id)
    }

    /// The exercises that everyone does.
    pub(crate) fn core(&self) -> impl Iterator<Item = &Exercise> {
        self.exercises.iter().filter(|exercise| !exercise.bonus)
    }

    /// Whether `text` names this module: `2`, `02`, `election` and `02-election` name the same.
    fn is_called(&self, text: &str) -> bool {
        text == self.dir
            || text == self.package
            || self.dir.split_once('-').is_some_and(|(_, name)| name == text)
            || text.parse() == Ok(self.number())
    }
}

/// What a command is about, when it takes a module or an exercise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Module(&'a Module),
    Exercise(&'a Module, &'a Exercise),
}

/// All modules, in their order, and the tree that they stand in.
#[derive(Debug)]
pub(crate) struct Course {
    pub(crate) root: PathBuf,
    pub(crate) modules: Vec<Module>,
}

impl Course {
    /// Reads the course around the current folder.
    pub(crate) fn find() -> Result<Self> {
        Self::load(find_root()?)
    }

    /// Reads the course in `root`.
    pub(crate) fn load(root: PathBuf) -> Result<Self> {
        let mut dirs: Vec<String> = files::names(&root.join("modules"))?
            .into_iter()
            .filter(|name| number_of(name).is_some())
            .collect();
        dirs.sort();
        let mut modules = Vec::new();
        for dir in dirs {
            let path = root.join("tests").join(&dir).join("exercises.toml");
            // A module that is being written has no exercises yet.
            if path.exists() {
                modules.push(read_module(&path, &dir)?);
            }
        }
        if modules.is_empty() {
            bail!("there is no tests/*/exercises.toml below {}, so no module", root.display());
        }
        Ok(Course { root, modules })
    }

    /// The modules that stand upon each other, in their order.
    pub(crate) fn chain(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter().filter(|module| !module.alone)
    }

    /// The module at whose end the course is done; what comes after it is a stretch. Nothing, if there is
    /// no stretch.
    pub(crate) fn finish(&self) -> Option<&Module> {
        let stretch = self.modules.iter().position(|module| module.stretch)?;
        self.modules[..stretch].last()
    }

    /// Whether a module is the last before the stretch.
    pub(crate) fn is_finish(&self, module: &Module) -> bool {
        self.finish().is_some_and(|finish| finish.dir == module.dir)
    }

    /// Whether this tree was handed out without the reference.
    pub(crate) fn is_handout(&self) -> bool {
        !self.root.join("solutions").is_dir()
    }

    /// Refuses what only works where the reference is.
    pub(crate) fn needs_solutions(&self, what: &str) -> Result<()> {
        if self.is_handout() {
            bail!(
                "`{what}` needs the reference, and this tree was handed out without it \
                 (there is no solutions/ folder)"
            );
        }
        Ok(())
    }

    pub(crate) fn module(&self, text: &str) -> Result<&Module> {
        self.modules.iter().find(|module| module.is_called(text)).with_context(|| {
            let names: Vec<&str> = self.modules.iter().map(|m| m.dir.as_str()).collect();
            format!("there is no module `{text}`; there are {}", names.join(", "))
        })
    }

    /// The module that an exercise belongs to, and the exercise.
    pub(crate) fn exercise(&self, id: Id) -> Option<(&Module, &Exercise)> {
        self.modules.iter().find_map(|module| Some((module, module.exercise(id)?)))
    }

    pub(crate) fn exercise_named(&self, text: &str) -> Result<(&Module, &Exercise)> {
        let id = text.parse()?;
        self.exercise(id).with_context(|| match self.module(&id.module.to_string()) {
            Ok(module) => {
                let ids: Vec<String> = module.exercises.iter().map(|e| e.id.to_string()).collect();
                format!("there is no exercise {id}; {} has {}", module.dir, ids.join(", "))
            }
            Err(error) => format!("there is no exercise {id}: {error}"),
        })
    }

    /// What `text` names: an exercise if there is a dot in it, else a module.
    pub(crate) fn target(&self, text: &str) -> Result<Target<'_>> {
        if text.contains('.') {
            let (module, exercise) = self.exercise_named(text)?;
            return Ok(Target::Exercise(module, exercise));
        }
        Ok(Target::Module(self.module(text)?))
    }

    /// What a learner starts from: the files below the module's `src`, by their path in it.
    pub(crate) fn pristine(&self, module: &Module) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        if self.is_handout() {
            let kept = self.root.join(".pristine").join(&module.dir).join("src");
            return files::read_tree(&kept).with_context(|| {
                format!("the stubs that came with this tree are missing: {}", kept.display())
            });
        }
        stubs::generate(&self.root.join(module.solution()).join("src"), &BTreeSet::new())
    }

    /// The learner's text of the file of an exercise; empty if the file is gone.
    pub(crate) fn text(&self, module: &Module, exercise: &Exercise) -> String {
        let path = self.root.join(module.learner()).join(&exercise.file);
        fs::read_to_string(path).unwrap_or_default()
    }
}

/// The number in front of a module's folder: 2 of `02-election`.
fn number_of(dir: &str) -> Option<u8> {
    dir.split_once('-')?.0.parse().ok()
}

fn read_module(path: &Path, dir: &str) -> Result<Module> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let module: Module = toml_edit::de::from_str(&text)
        .with_context(|| format!("{} is not as it should be", path.display()))?;
    if module.dir != dir {
        bail!("{} speaks of `{}`, and stands in `{dir}`", path.display(), module.dir);
    }
    let mut previous = None;
    for exercise in &module.exercises {
        let id = exercise.id;
        if id.module != module.number() || previous >= Some(id) {
            bail!("{}: exercise {id} is out of place", path.display());
        }
        previous = Some(id);
    }
    questions::check(&module)
        .with_context(|| format!("{} is not as it should be", path.display()))?;
    Ok(module)
}

/// The lab's tree: the one around the current folder, or else the one that this runner is built in.
fn find_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let is_root = |dir: &Path| dir.join("modules/protocol").is_dir() && dir.join("xtask").is_dir();
    if let Some(root) = here.ancestors().find(|dir| is_root(dir)) {
        return Ok(root.to_path_buf());
    }
    let built_in = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    built_in
        .and_then(|dir| dir.parent().map(Path::to_path_buf))
        .filter(|dir| is_root(dir))
        .with_context(|| format!("{} is not inside the lab's tree; go there first", here.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_ordered_by_number_not_by_text() {
        let ids: Vec<Id> = ["1.9", "1.10", "2.1"].iter().map(|t| t.parse().unwrap()).collect();
        assert!(ids.is_sorted());
        assert_eq!(ids[1].to_string(), "1.10");
    }

    #[test]
    fn what_is_no_exercise_is_refused_with_an_example() {
        for text in ["", "1", "1.", "a.b", "1.2.3", "-1.2"] {
            let error = text.parse::<Id>().unwrap_err().to_string();
            assert!(error.contains("one looks like 1.3"), "{error}");
        }
    }

    #[test]
    fn a_module_has_four_names() {
        let module = Module {
            dir: "02-election".to_owned(),
            package: "election".to_owned(),
            title: String::new(),
            section: String::new(),
            alone: false,
            stretch: false,
            exercises: Vec::new(),
            questions: Vec::new(),
        };
        for name in ["2", "02", "election", "02-election"] {
            assert!(module.is_called(name), "{name}");
        }
        for name in ["1", "elect", "03-election", ""] {
            assert!(!module.is_called(name), "{name}");
        }
    }
}
