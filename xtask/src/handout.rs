//! `handout`: the learner's tree without the reference, for a course that does not publish it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use course::Module;
use toml_edit::{DocumentMut, Value};

use crate::tree::{Course, PRISTINE};
use crate::{files, use_module, verdict};

/// Whether a handout leaves out a path: the reference and what needs it, what only authors need, and what
/// belongs to one person's work in this tree.
fn is_left_out(path: &Path) -> bool {
    const LEFT_OUT: [&str; 9] = [
        "solutions",
        "tests/bugs",
        "tests/book",
        "tests/cluster/reference",
        "xtask/tests",
        "xtask/author",
        "xtask/grade",
        ".ci",
        ".github",
    ];
    files::is_private(path) || LEFT_OUT.iter().any(|left_out| path == Path::new(left_out))
}

/// Which paths a handout has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paths {
    /// The modules.
    Guided,
    /// The open path.
    Open,
    /// Both of them.
    Both,
}

impl Paths {
    /// Reads `guided`, `open` or `both`, which is all that the command line accepts.
    fn named(name: &str) -> Self {
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

    /// The folders that go with a module of the other path. The scenarios of the modules stay: the open path runs them.
    fn left_out(self, course: &Course) -> Vec<PathBuf> {
        let mut folders = Vec::new();
        for module in course.all().filter(|module| !self.has(module)) {
            folders.push(module.learner());
            folders.push(Path::new(PRISTINE).join(&module.dir));
            if module.is_open_path() {
                folders.push(module.suite());
                // The server as a process.
                folders.push(PathBuf::from("tests/cluster/open"));
            }
        }
        folders
    }
}

/// `cargo xtask handout`. `paths` is `guided`, `open` or `both`.
pub(crate) fn run(course: &Course, dir: &Path, paths: &str) -> Result<()> {
    let paths = Paths::named(paths);
    if paths == Paths::Open && !course.all().any(Module::is_open_path) {
        bail!("this tree has no open path to hand out (there is no modules/open)");
    }
    course.needs_solutions("cargo xtask handout")?;
    // Messages show the path as it was given.
    let name = dir.display();
    let dir = std::path::absolute(dir).with_context(|| format!("{name} is not a path"))?;
    let place = real(&dir)?;
    let is_inside = place.starts_with(real(&course.root)?)
        && !place.starts_with(real(&course.root.join("target"))?);
    if is_inside {
        bail!("{name} is inside this tree; name a folder elsewhere");
    }
    if place.exists() && (!place.is_dir() || !files::names(&place)?.is_empty()) {
        bail!("{name} already exists; name a folder that is new or empty");
    }
    write_at_once(course, &place, paths)?;
    say!("The learner's tree is in {name}.");
    tell!("It has no solutions/ and no tests/bugs/; `cargo xtask check` works there.");
    if paths == Paths::Both && course.all().any(Module::is_open_path) {
        tell!("It has both paths. `cargo xtask use open` begins the open path there.");
    }
    Ok(())
}

/// Where an absolute path leads that may not exist: `..` and links are followed as far as it exists.
fn real(path: &Path) -> Result<PathBuf> {
    let existing = path.ancestors().find(|path| path.exists()).context("there is no such disk")?;
    let rest = path.strip_prefix(existing).context("a path begins with its ancestor")?;
    let real = fs::canonicalize(existing);
    Ok(real.with_context(|| format!("cannot look into {}", existing.display()))?.join(rest))
}

/// The folder beside `dir` that is renamed to it at the end. If an earlier handout was killed, it left one of this
/// name, which is replaced.
fn unfinished(dir: &Path) -> Result<PathBuf> {
    let name = dir.file_name().context("a folder must have a name")?.to_string_lossy();
    Ok(dir.with_file_name(format!(".{name}.handout.tmp")))
}

/// Makes `dir`, which is new or empty, the learner's tree: all of it or none.
fn write_at_once(course: &Course, dir: &Path, paths: Paths) -> Result<()> {
    let unfinished = unfinished(dir)?;
    remove(&unfinished)?;
    write(course, &unfinished, paths).and_then(|()| put_in_place(&unfinished, dir)).inspect_err(
        |_| {
            let _ = remove(&unfinished);
        },
    )
}

/// Removes a folder. The cargo that a killed handout has started may still be writing there, so this waits for a moment
/// until the folder stays empty.
fn remove(dir: &Path) -> Result<()> {
    const ATTEMPTS: u32 = 100;
    const PAUSE: Duration = Duration::from_millis(20);
    for attempt in 1.. {
        match fs::remove_dir_all(dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error)
                if error.kind() == io::ErrorKind::DirectoryNotEmpty && attempt < ATTEMPTS =>
            {
                thread::sleep(PAUSE);
            }
            Err(error) => {
                return Err(error).with_context(|| format!("cannot remove {}", dir.display()));
            }
            Ok(()) => break,
        }
    }
    Ok(())
}

/// Renames a folder to `dir`, which may be there if it is empty.
fn put_in_place(new: &Path, dir: &Path) -> Result<()> {
    let replaced = fs::metadata(dir).and_then(|old| {
        fs::set_permissions(new, old.permissions())?;
        // Windows renames nothing over a folder, not even over an empty one.
        fs::remove_dir(dir)
    });
    match replaced {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::rename(new, dir),
    }
    .with_context(|| {
        format!("cannot write {}; name a folder that does not exist yet", dir.display())
    })
}

/// Makes `dir` the learner's tree. What is private in it, such as its build output, stays.
///
/// # Errors
/// If the course cannot be read, or `dir` cannot be written.
pub fn write(course: &Course, dir: &Path, paths: Paths) -> Result<()> {
    let folders = paths.left_out(course);
    let is_gone = |path: &Path| is_left_out(path) || folders.iter().any(|folder| path == folder);
    let mut tree = files::read_tree_without(&course.root, &is_gone)?;
    for module in course.all().filter(|module| paths.has(module)) {
        let src = module.learner().join("src");
        tree.retain(|path, _| !path.starts_with(&src));
        let stubs = course.pristine(module)?.into_iter();
        tree.extend(stubs.map(|(path, bytes)| (src.join(path), bytes)));
    }
    let manifest = fs::read_to_string(course.root.join("Cargo.toml")).context("no Cargo.toml")?;
    let modules: Vec<Module> = course.all().cloned().collect();
    let manifest = without_left_out(&manifest, &modules, &is_gone)?;
    tree.insert(PathBuf::from("Cargo.toml"), manifest.into_bytes());
    files::sync_tree(dir, &tree, &files::is_private)?;
    // The lock still names the packages that are left out.
    use_module::refresh_lock(dir);
    // Its manifest and its lock are not those of this tree.
    let list = verdict::judge_list(&Course::load(dir.to_path_buf())?)?;
    files::write_if_changed(&dir.join(PRISTINE).join(verdict::JUDGE_LIST), list.as_bytes())?;
    Ok(())
}

/// The root's manifest for a tree without the packages that are left out.
fn without_left_out(
    text: &str,
    modules: &[Module],
    is_left_out: &dyn Fn(&Path) -> bool,
) -> Result<String> {
    let text = use_module::all_mine(text, modules)?;
    let mut document: DocumentMut = text.parse().context("Cargo.toml is not valid TOML")?;
    for list in ["members", "default-members"] {
        let list = document["workspace"][list].as_array_mut();
        let list = list.context("Cargo.toml lists no members of the workspace")?;
        let is_gone = |value: &Value| {
            value.as_str().is_some_and(|path| Path::new(path).ancestors().any(is_left_out))
        };
        list.retain(|value| !is_gone(value));
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_loses_the_members_that_are_left_out() {
        let text = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"solutions/01-data-model\",\n    \"tests/simulator\",\n    \"tests/bugs\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"solutions/01-data-model\",\n    \"xtask\",\n]\n\n[workspace.dependencies]\n";
        let expected = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"tests/simulator\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"xtask\",\n]\n\n[workspace.dependencies]\n";
        assert_eq!(without_left_out(text, &[], &is_left_out).unwrap(), expected);
    }

    #[test]
    fn the_reference_and_what_needs_it_are_left_out() {
        let out = |path: &str| is_left_out(Path::new(path));
        assert!(
            out("solutions")
                && out("xtask/author")
                && out("tests/bugs")
                && out("tests/book")
                && out("tests/cluster/reference")
                && out(".git")
                && out("target")
        );
        assert!(out(".progress") && out("a/b.snap.new"));
        assert!(
            !out("tests/simulator")
                && !out("tests/cluster")
                && !out("modules")
                && !out("docs/solutions")
        );
    }
}
