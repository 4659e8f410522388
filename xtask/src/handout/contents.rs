//! What is in a handout: the learner's tree, with or without the grader and the reference of some modules.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use course::Module;
use toml_edit::{DocumentMut, Item, Value};

use super::pages;
use crate::files::Tree;
use crate::tree::{Course, PRISTINE};
use crate::{files, use_module, verdict};

/// The folder of the grader.
pub(crate) const GRADER: &str = "xtask/grade";

/// The folder of the reference.
const SOLUTIONS: &str = "solutions";

/// What a course has at its top. Whatever else an instructor keeps there, such as submissions, grades and the secret of the
/// course, is handed out to nobody. What the course itself gets at its top is added here, or to [`LEFT_OUT`].
const TOP: [&str; 21] = [
    ".cargo",
    ".config",
    ".gitattributes",
    ".gitignore",
    ".helix",
    PRISTINE,
    ".vscode",
    ".zed",
    "AGENTS.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "README.md",
    "docs",
    "modules",
    "rustfmt.toml",
    SOLUTIONS,
    "tests",
    "xtask",
];

/// The reference and what needs it, what only authors and instructors need, and the pages about that.
const LEFT_OUT: [&str; 15] = [
    SOLUTIONS,
    "tests/bugs",
    "tests/book",
    "tests/cluster/reference",
    "xtask/tests",
    "xtask/author",
    GRADER,
    ".ci",
    ".github",
    "CHANGELOG.md",
    "docs/architecture.md",
    "docs/instructors",
    "docs/maintainers",
    "docs/performance.md",
    "docs/reference/assembled-server.md",
];

/// Which paths a handout has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Paths {
    /// The modules.
    Guided,
    /// The open path.
    Open,
    /// Both of them.
    #[default]
    Both,
}

impl Paths {
    /// Reads `guided`, `open` or `both`, which is all that the command line accepts.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "guided" => Paths::Guided,
            "open" => Paths::Open,
            _ => Paths::Both,
        }
    }

    fn has(self, module: &Module) -> bool {
        match self {
            Paths::Guided => !module.is_open_path(),
            Paths::Open => module.is_open_path(),
            Paths::Both => true,
        }
    }
}

/// What a handout has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The paths.
    pub paths: Paths,
    /// Whether it has the grader, so that a classroom's repository can grade itself.
    pub has_grader: bool,
    /// The modules whose reference is released, by folder.
    pub released: BTreeSet<String>,
}

impl Contents {
    /// Releases the reference of a module, and of those that it builds on.
    ///
    /// # Errors
    /// If this tree lacks one of them, or the module is the open path, or the handout has that path alone.
    pub(super) fn release(&mut self, course: &Course, module: &Module) -> Result<()> {
        if module.is_open_path() || self.paths == Paths::Open {
            bail!(
                "`--solutions` is about the modules; the reference of the open path is a server of another design"
            );
        }
        for earlier in course.all().filter(|other| !other.is_open_path()) {
            if earlier.number() > module.number() {
                continue;
            }
            if !course.has_reference_of(earlier) {
                bail!("this tree has no reference of {} to release", earlier.dir);
            }
            self.released.insert(earlier.dir.clone());
        }
        Ok(())
    }

    /// Whether a handout leaves out a path.
    fn leaves_out(&self, course: &Course, path: &Path) -> bool {
        if let Ok(inside) = path.strip_prefix(SOLUTIONS) {
            return self.is_unreleased(inside);
        }
        let is_known = path.iter().next().is_none_or(|top| TOP.iter().any(|it| top == *it));
        !is_known
            || files::is_private(path)
            || (path == Path::new(GRADER) && !self.has_grader)
            || LEFT_OUT.iter().any(|it| path == Path::new(it) && path != Path::new(GRADER))
            || self.is_of_other_path(course, path)
    }

    /// The same for a path in the folder of the reference. Of a released module, only what `use` and `diff` need is
    /// handed out: its other tests are the lab's own.
    fn is_unreleased(&self, path: &Path) -> bool {
        let mut parts = path.components().map(|part| part.as_os_str().to_string_lossy());
        let Some(module) = parts.next() else { return self.released.is_empty() };
        if !self.released.contains(&*module) {
            return true;
        }
        match (parts.next().as_deref(), parts.next().as_deref()) {
            (Some("tests"), Some(file)) => file != "gate.rs",
            _ => false,
        }
    }

    /// The folders that go with a module of the other path; with the open path, its server as a process too. The scenarios
    /// of the modules stay: the open path runs them.
    fn is_of_other_path(&self, course: &Course, path: &Path) -> bool {
        let others = course.all().filter(|module| !self.paths.has(module));
        others.into_iter().any(|module| {
            path == module.learner()
                || path == Path::new(PRISTINE).join(&module.dir)
                || (module.is_open_path()
                    && (path == module.suite() || path == Path::new("tests/cluster/open")))
        })
    }

    /// The files of a handout.
    ///
    /// # Errors
    /// If the course cannot be read.
    pub(super) fn files(&self, course: &Course) -> Result<Tree> {
        let is_gone = |path: &Path| self.leaves_out(course, path);
        let mut tree = files::read_tree_without(&course.root, &is_gone)?;
        for module in course.all().filter(|module| self.paths.has(module)) {
            let src = module.learner().join("src");
            tree.retain(|path, _| !path.starts_with(&src));
            let stubs = course.pristine(module)?.into_iter();
            tree.extend(stubs.map(|(path, bytes)| (src.join(path), bytes)));
        }
        let manifest = fs::read_to_string(course.root.join("Cargo.toml"));
        let manifest = manifest.context("no Cargo.toml")?;
        let modules: Vec<Module> = course.all().cloned().collect();
        let name = |member: &Path| package_name(&course.root.join(member));
        let manifest = without_left_out(&manifest, &modules, &is_gone, &name)?;
        tree.insert(PathBuf::from("Cargo.toml"), manifest.into_bytes());
        pages::hand_out(&mut tree)?;
        Ok(tree)
    }
}

/// Makes `dir` the learner's tree. What is private in it, such as its build output, stays.
///
/// # Errors
/// If the course cannot be read, or `dir` cannot be written.
pub fn write(course: &Course, dir: &Path, contents: &Contents) -> Result<()> {
    write_with(course, dir, contents, &Tree::new(), &files::is_private)
}

/// Whether a file in an earlier handout stays as it is: what is private, and what the course has nothing to do with.
pub(super) fn stays(path: &Path) -> bool {
    const OWNED: [&str; 6] = ["modules", "tests", "xtask", SOLUTIONS, PRISTINE, "docs"];
    files::is_private(path)
        || (path.components().count() > 0 && !OWNED.iter().any(|it| path.starts_with(it)))
}

/// The same with more files, which are not the course's. Other files in `dir` are removed, but for those that stay.
pub(super) fn write_with(
    course: &Course,
    dir: &Path,
    contents: &Contents,
    more: &Tree,
    stays: &dyn Fn(&Path) -> bool,
) -> Result<()> {
    let mut tree = contents.files(course)?;
    tree.extend(more.clone());
    files::sync_tree(dir, &tree, stays)?;
    // The lock still names the packages that are left out.
    use_module::refresh_lock(dir);
    // Its manifest and its lock are not those of this tree.
    let list = verdict::judge_list(&Course::load(dir.to_path_buf())?)?;
    files::write_if_changed(&dir.join(PRISTINE).join(verdict::JUDGE_LIST), list.as_bytes())
}

/// The root's manifest for a tree without the packages that are left out. `name_of` returns the name of the package in
/// a folder.
fn without_left_out(
    text: &str,
    modules: &[Module],
    is_left_out: &dyn Fn(&Path) -> bool,
    name_of: &dyn Fn(&Path) -> Result<String>,
) -> Result<String> {
    let text = use_module::all_mine(text, modules)?;
    let mut document: DocumentMut = text.parse().context("Cargo.toml is not valid TOML")?;
    let is_gone = |value: &Value| {
        value.as_str().is_some_and(|path| Path::new(path).ancestors().any(is_left_out))
    };
    let mut gone = Vec::new();
    for list in ["members", "default-members"] {
        let list = document["workspace"][list].as_array_mut();
        let list = list.context("Cargo.toml lists no members of the workspace")?;
        gone.extend(
            list.iter().filter(|value| is_gone(value)).filter_map(Value::as_str).map(PathBuf::from),
        );
        list.retain(|value| !is_gone(value));
    }
    // Cargo warns about the profile of a package that is not there.
    let profiles = document.get_mut("profile").and_then(|profile| profile.get_mut("dev"));
    let packages =
        profiles.and_then(|dev| dev.get_mut("package")).and_then(Item::as_table_like_mut);
    if let Some(packages) = packages {
        for member in gone {
            packages.remove(&name_of(&member)?);
        }
    }
    Ok(document.to_string())
}

/// The name of the package in a folder.
fn package_name(folder: &Path) -> Result<String> {
    let path = folder.join("Cargo.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let document: DocumentMut = text.parse().with_context(|| path.display().to_string())?;
    let name = document["package"]["name"].as_str();
    Ok(name.with_context(|| format!("{} names no package", path.display()))?.to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    fn course() -> Course {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        Course::load(root.to_path_buf()).unwrap()
    }

    #[test]
    fn a_manifest_loses_the_members_that_are_left_out() {
        let text = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"solutions/01-data-model\",\n    \"tests/simulator\",\n    \"tests/bugs\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"solutions/01-data-model\",\n    \"xtask\",\n]\n\n[workspace.dependencies]\n\n[profile.dev.package.simulator]\nopt-level = 3\n[profile.dev.package.bugs]\nopt-level = 1\n";
        let expected = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"tests/simulator\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"xtask\",\n]\n\n[workspace.dependencies]\n\n[profile.dev.package.simulator]\nopt-level = 3\n";
        let is_gone = |path: &Path| LEFT_OUT.iter().any(|it| path == Path::new(it));
        let name = |path: &Path| Ok(path.file_name().unwrap().to_string_lossy().into_owned());
        assert_eq!(without_left_out(text, &[], &is_gone, &name).unwrap(), expected);
    }

    #[test]
    fn what_git_has_at_the_top_is_handed_out_or_left_out_by_name() {
        // In a copy without git, nobody can tell what belongs to the course.
        let mut git = Command::new("git");
        git.arg("-C").arg(course().root).args(["ls-tree", "--name-only", "HEAD"]);
        let Ok(output) = git.output() else { return };
        for name in String::from_utf8(output.stdout).unwrap().lines() {
            assert!(TOP.contains(&name) || LEFT_OUT.contains(&name), "{name}");
        }
    }

    #[test]
    fn the_reference_and_what_needs_it_are_left_out() {
        let course = course();
        let contents = Contents::default();
        let out = |path: &str| contents.leaves_out(&course, Path::new(path));
        let private = [".git", "target", ".progress", "docs/b.snap.new"];
        let instructors = ["course.key", "grades", "submissions/ada/modules"];
        for path in LEFT_OUT.into_iter().chain(private).chain(instructors) {
            assert!(out(path), "{path}");
        }
        for path in ["tests/simulator", "tests/cluster", "modules", "docs/solutions", "docs"] {
            assert!(!out(path), "{path}");
        }
        let graded = Contents { has_grader: true, ..Contents::default() };
        assert!(!graded.leaves_out(&course, Path::new(GRADER)));
    }

    #[test]
    fn a_release_has_the_reference_of_a_module_and_of_those_before_it() {
        let course = course();
        let mut contents = Contents::default();
        contents.release(&course, course.module("2").unwrap()).unwrap();
        let released: Vec<&str> = contents.released.iter().map(String::as_str).collect();
        assert_eq!(released, ["00-warm-up", "01-data-model", "02-election"]);
        let out = |path: &str| contents.leaves_out(&course, Path::new(path));
        for path in [
            "solutions/03-replication",
            "solutions/open",
            "solutions/02-election/tests/complete.rs",
        ] {
            assert!(out(path), "{path}");
        }
        for path in [
            "solutions",
            "solutions/02-election/src/vote.rs",
            "solutions/02-election/tests/gate.rs",
        ] {
            assert!(!out(path), "{path}");
        }
    }
}
