//! The lab's tree: its modules in order, and where everything is.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use course::{Exercise, ExerciseId, Module, OPEN_DIR};

use crate::files;

/// The folder with the stubs that the tree was handed out with: `Cargo.toml` and `src` of each module.
pub const PRISTINE: &str = ".pristine";

/// One of the two paths of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The modules, which build on each other.
    Modules,
    /// A server of the learner's own design.
    Open,
}

impl Way {
    /// How it is written.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Way::Modules => "guided",
            Way::Open => OPEN_DIR,
        }
    }

    /// The path that a word of a command line is about, if it names the open path or one of its milestones.
    pub(crate) fn named_by(word: &str) -> Option<Way> {
        let module = word.split_once('.').map_or(word, |(module, _)| module);
        module.eq_ignore_ascii_case(OPEN_DIR).then_some(Way::Open)
    }
}

/// The variable by which `watch` tells the commands that it starts which path they are about.
pub(crate) const PATH_VARIABLE: &str = "RAFT_LAB_PATH";

/// What a command is about, if it takes a module or an exercise.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target<'a> {
    Module(&'a Module),
    Exercise(&'a Module, &'a Exercise),
}

/// The modules of one path, in order, and the tree that they are in. A tree has two paths: the modules that build on each
/// other, and the open path, which is one module and a course of its own.
#[derive(Clone, Debug)]
pub struct Course {
    /// The root of the tree.
    pub root: PathBuf,
    /// The modules of this path.
    pub modules: Vec<Module>,
    /// Those of the other path, which this course does not judge.
    pub others: Vec<Module>,
}

impl Course {
    /// Reads the course around the current folder.
    ///
    /// # Errors
    /// If the current folder is outside the lab, or a file of the course is not valid.
    pub fn find() -> Result<Self> {
        Self::load(find_root()?)
    }

    /// Reads the course in `root`.
    ///
    /// # Errors
    /// If a file of the course is not valid.
    pub fn load(root: PathBuf) -> Result<Self> {
        let modules = course::read_modules(&root)?;
        let others: Vec<Module> = course::read_open(&root)?.into_iter().collect();
        if modules.is_empty() && others.is_empty() {
            bail!("there is no module: {} has no tests/*/exercises.toml", root.display());
        }
        let course = Course { root, modules, others };
        // A course may hand out the open path alone.
        Ok(if course.modules.is_empty() { course.other_path() } else { course })
    }

    /// The course of the other path of this tree.
    fn other_path(self) -> Self {
        Course { modules: self.others, others: self.modules, ..self }
    }

    /// The course of the open path, or of the modules.
    ///
    /// # Errors
    /// If the tree was handed out without it.
    pub fn on(&self, path: Way) -> Result<Self> {
        if self.way() == path {
            return Ok(self.clone());
        }
        if self.others.is_empty() {
            bail!(match path {
                Way::Open =>
                    "this tree was handed out without the open path (there is no modules/open)",
                Way::Modules => "this tree was handed out with the open path alone",
            });
        }
        Ok(self.clone().other_path())
    }

    /// The path whose modules these are.
    pub fn way(&self) -> Way {
        let is_open = self.modules.iter().any(Module::is_open_path);
        if is_open { Way::Open } else { Way::Modules }
    }

    /// The modules of both paths.
    pub fn all(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter().chain(&self.others)
    }

    /// The modules that build on each other, in order.
    pub fn chain(&self) -> impl Iterator<Item = &Module> {
        self.modules.iter().filter(|module| !module.alone)
    }

    /// The module with which the course is complete. The modules after it are the stretch; `None` if there
    /// is no stretch.
    pub fn finish(&self) -> Option<&Module> {
        let stretch = self.modules.iter().position(|module| module.stretch)?;
        self.modules[..stretch].last()
    }

    /// Whether a module is the last one before the stretch.
    pub(crate) fn is_finish(&self, module: &Module) -> bool {
        self.finish().is_some_and(|finish| finish.dir == module.dir)
    }

    /// Whether a module has servers that run by themselves: whether there are scenarios for them.
    pub(crate) fn has_servers(&self, module: &Module) -> bool {
        module.is_open_path() || self.root.join(module.suite()).join("scenarios.txt").is_file()
    }

    /// Whether this tree was handed out. Every handout lacks the wrong servers, even one with the reference of all its
    /// modules.
    pub fn is_handout(&self) -> bool {
        !self.root.join("tests/bugs").is_dir()
    }

    /// Whether this tree has the reference of a module.
    pub fn has_reference_of(&self, module: &Module) -> bool {
        self.root.join(module.solution()).is_dir()
    }

    /// Rejects a command that needs the reference of a module in a tree without it.
    ///
    /// # Errors
    /// If the tree is a handout in which it is not released.
    pub(crate) fn needs_reference_of(&self, module: &Module, command: &str) -> Result<()> {
        if !self.has_reference_of(module) {
            bail!(
                "`{command}` needs the reference of {}, and this tree was handed out without it. If your course \
                 releases it, `cargo xtask update` brings it in",
                module.dir
            );
        }
        Ok(())
    }

    /// Rejects a command that needs the reference in a tree without it.
    ///
    /// # Errors
    /// If the tree is a handout.
    pub fn needs_solutions(&self, command: &str) -> Result<()> {
        if self.is_handout() {
            bail!("`{command}` needs the whole reference, and this tree was handed out without it");
        }
        Ok(())
    }

    /// The module that `text` names: by number, package or folder, in capitals or not.
    ///
    /// # Errors
    /// If there is none. The message lists those that exist.
    pub fn module(&self, text: &str) -> Result<&Module> {
        let name = text.to_lowercase();
        self.modules.iter().find(|module| module.is_called(&name)).with_context(|| {
            let names: Vec<&str> = self.all().map(|m| m.dir.as_str()).collect();
            let meant = self.nearest(&name);
            let meant = meant.map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            let the_modules = if meant.is_empty() { "; the" } else { " The" };
            format!(
                "there is no module `{text}`{meant}{the_modules} modules are {}",
                names.join(", ")
            )
        })
    }

    /// The same among the modules of both paths, for authors.
    ///
    /// # Errors
    /// As [`Course::module`].
    pub fn any(&self, text: &str) -> Result<&Module> {
        let other = self.others.iter().find(|module| module.is_called(&text.to_lowercase()));
        other.map_or_else(|| self.module(text), Ok)
    }

    /// The module that was likely meant, by its package.
    fn nearest(&self, name: &str) -> Option<&str> {
        if let Ok((module, _)) = self.exercise_named(name) {
            return Some(&module.package);
        }
        let distance = |module: &Module| {
            let names = [module.package.as_str(), module.dir.as_str()];
            names.into_iter().map(|other| strsim::osa_distance(name, other)).min()
        };
        let near = self.modules.iter().filter_map(|module| Some((distance(module)?, module)));
        let (distance, module) = near.min_by_key(|(distance, _)| *distance)?;
        // One letter in four may be wrong.
        (distance * 4 <= name.chars().count()).then_some(module.package.as_str())
    }

    /// The exercise with this id, and its module.
    pub fn exercise(&self, id: ExerciseId) -> Option<(&Module, &Exercise)> {
        self.modules.iter().find_map(|module| Some((module, module.exercise(id)?)))
    }

    /// The exercise that `text` names: `2.3`, or `election.3`.
    fn exercise_named(&self, text: &str) -> Result<(&Module, &Exercise)> {
        let id = match text.rsplit_once('.') {
            Some((name, number)) if number.bytes().all(|byte| byte.is_ascii_digit()) => {
                match self.module(name) {
                    Ok(module) if module.is_open_path() => format!("{OPEN_DIR}.{number}"),
                    Ok(module) => format!("{}.{number}", module.number()),
                    Err(_) => text.to_owned(),
                }
            }
            _ => text.to_owned(),
        };
        let id: ExerciseId = id.parse()?;
        self.exercise(id).with_context(|| {
            match self.modules.iter().find(|module| module.number() == id.module) {
                Some(module) => format!("there is no exercise {id}; {}", exercises_of(module)),
                None => match self.module(&id.module.to_string()) {
                    Ok(_) => format!("there is no exercise {id}"),
                    Err(error) => format!("there is no exercise {id}: {error}"),
                },
            }
        })
    }

    /// What `text` names: an exercise if it contains a dot, otherwise a module.
    pub(crate) fn target(&self, text: &str) -> Result<Target<'_>> {
        if text.contains('.') {
            let (module, exercise) = self.exercise_named(text)?;
            return Ok(Target::Exercise(module, exercise));
        }
        let module = self.module(text);
        let module =
            module.map_err(|error| anyhow!("{error}. The id of an exercise looks like 2.3"))?;
        Ok(Target::Module(module))
    }

    /// What a learner starts from: the files in the module's `src`, by their path in it.
    ///
    /// # Errors
    /// If the stubs that came with the tree cannot be read.
    pub fn pristine(&self, module: &Module) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
        let src = self.root.join(PRISTINE).join(&module.dir).join("src");
        files::read_tree(&src).with_context(|| {
            format!("the stubs that came with this tree are missing: {}", src.display())
        })
    }

    /// The stub of the file of an exercise, if there is one.
    ///
    /// # Errors
    /// As [`Course::pristine`].
    pub fn stub(&self, module: &Module, exercise: &Exercise) -> Result<Option<String>> {
        let pristine = self.pristine(module)?;
        let stub = pristine.get(exercise.path_in_src());
        Ok(stub.map(|bytes| String::from_utf8_lossy(bytes).into_owned()))
    }

    /// The learner's text of the file of an exercise, to look at; empty if the file is missing.
    pub(crate) fn text(&self, module: &Module, exercise: &Exercise) -> String {
        let path = self.root.join(module.learner()).join(&exercise.file);
        String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned()
    }
}

/// `02-election has 2.1, 2.2, 2.3`.
pub(crate) fn exercises_of(module: &Module) -> String {
    let ids: Vec<String> = module.exercises.iter().map(|e| e.id.to_string()).collect();
    format!("{} has {}", module.dir, ids.join(", "))
}

/// The lab's tree: the one around the current folder, or else the one that this runner is built in.
pub(crate) fn find_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("there is no current folder")?;
    let is_root = |dir: &Path| dir.join("modules/protocol").is_dir() && dir.join("xtask").is_dir();
    if let Some(root) = here.ancestors().find(|dir| is_root(dir)) {
        return Ok(root.to_path_buf());
    }
    let built_in = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let built_in = built_in.as_deref().and_then(|dir| dir.ancestors().find(|dir| is_root(dir)));
    built_in
        .map(Path::to_path_buf)
        .with_context(|| format!("{} is not inside the lab's tree; go there first", here.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn course() -> Course {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        Course::load(root.to_path_buf()).unwrap()
    }

    #[test]
    fn each_path_is_a_course_of_its_own() {
        let course = course();
        assert_eq!(course.way(), Way::Modules);
        assert!(course.modules.iter().all(|module| !module.is_open_path()));
        let open = course.on(Way::Open).unwrap();
        assert_eq!((open.way(), open.modules.len()), (Way::Open, 1));
        assert_eq!(open.all().count(), course.all().count());
        assert_eq!(open.on(Way::Modules).unwrap().modules.len(), course.modules.len());
        assert!(open.module("open").is_ok() && course.module("open").is_err());
        assert_eq!(course.any("open").unwrap().dir, "open");
    }

    #[test]
    fn a_tree_without_the_other_path_says_so() {
        let course = Course { others: Vec::new(), ..course() };
        let error = course.on(Way::Open).unwrap_err().to_string();
        assert!(error.contains("handed out without the open path"), "{error}");
        assert!(course.on(Way::Modules).is_ok());
    }

    #[test]
    fn milestones_are_found_by_their_ids() {
        let open = course().on(Way::Open).unwrap();
        let named = |text: &str| {
            open.target(text).map(|target| match target {
                Target::Module(module) => module.dir.clone(),
                Target::Exercise(_, exercise) => exercise.id.to_string(),
            })
        };
        assert_eq!(named("open").unwrap(), "open");
        assert_eq!(named("open.6").unwrap(), "open.6");
        let error = named("open.11").unwrap_err().to_string();
        assert!(error.contains("open has open.1, open.2"), "{error}");
        assert_eq!(Way::named_by("OPEN.2"), Some(Way::Open));
        assert_eq!(Way::named_by("opening"), None);
    }
}
