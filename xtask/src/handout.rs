//! `handout`: the learner's tree without the reference, for a course that does not publish it.

mod contents;
mod pages;
mod platforms;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use course::Module;

pub(crate) use self::contents::GRADER;
pub use self::contents::{Contents, Paths, write};
pub(crate) use self::platforms::NAMES as PLATFORMS;

use self::platforms::Platform;
use crate::files::{self, Tree};
use crate::tree::{Course, Way};
use crate::update;

/// What the command line asks for.
#[derive(Clone, Debug)]
pub(crate) struct Request<'a> {
    /// The folder for the tree.
    pub(crate) dir: &'a Path,
    /// `guided`, `open` or `both`; without a word, both, or what an earlier handout has.
    pub(crate) paths: Option<&'a str>,
    /// The platforms, by their names.
    pub(crate) platforms: Vec<&'a str>,
    /// Options of `grade` for them; empty for none, or for those of an earlier handout.
    pub(crate) options: &'a str,
    /// The last module whose reference is released.
    pub(crate) solutions: Option<&'a str>,
    /// Whether the folder has an earlier handout, which this one replaces.
    pub(crate) is_update: bool,
}

/// What a handout has: its contents, and the platforms that it is for.
#[derive(Default)]
struct Handout {
    contents: Contents,
    platforms: Vec<Platform>,
    /// The options for `grade` on these platforms.
    options: String,
}

/// `cargo xtask handout`.
pub(crate) fn run(course: &Course, request: &Request<'_>) -> Result<()> {
    course.needs_solutions("cargo xtask handout")?;
    // Messages show the path as it was given.
    let name = request.dir.display();
    let dir = std::path::absolute(request.dir).with_context(|| format!("{name} is not a path"))?;
    let place = real(&dir)?;
    let is_inside = place.starts_with(real(&course.root)?)
        && !place.starts_with(real(&course.root.join("target"))?);
    if is_inside {
        bail!("{name} is inside this tree; name a folder elsewhere");
    }
    let handout = if request.is_update {
        let before = earlier(course, &place).with_context(|| {
            format!("{name} is no earlier handout; without --update, this command makes a new one")
        })?;
        must_not_be_older(course, &place)?;
        handout(course, request, before)?
    } else {
        if place.exists() && (!place.is_dir() || !files::names(&place)?.is_empty()) {
            bail!(
                "{name} already exists; name a folder that is new or empty, or replace an earlier handout with --update"
            );
        }
        handout(course, request, Handout::default())?
    };
    let Handout { contents, platforms, options } = &handout;
    let autograder = platforms::autograder_of(&place);
    let is_graded = platforms.contains(&Platform::Gradescope);
    let more = platforms::files(course, platforms, options)?;
    if request.is_update {
        contents::write_with(course, &place, contents, &more, &contents::stays)?;
    } else {
        write_at_once(course, &place, contents, &more)?;
    }
    if is_graded {
        platforms::write_autograder(course, &autograder, contents, options)?;
    }
    tell(request, course, &handout, is_graded.then_some(&*autograder));
    Ok(())
}

/// Says what was made.
fn tell(request: &Request<'_>, course: &Course, handout: &Handout, autograder: Option<&Path>) {
    let name = request.dir.display();
    say!("The learner's tree is in {name}.");
    match handout.contents.released.last() {
        None => tell!("It has no solutions/ and no tests/bugs/; `cargo xtask check` works there."),
        Some(last) => {
            tell!("It has the reference of the modules up to {last}, and no tests/bugs/.");
        }
    }
    if handout.contents.paths == Paths::Both && course.all().any(Module::is_open_path) {
        tell!("It has both paths. `cargo xtask use open` begins the open path there.");
    }
    if request.is_update {
        tell!(
            "Students bring it in with `cargo xtask update PATH`, where PATH is this folder or an archive of it."
        );
    }
    if !handout.options.is_empty() {
        tell!("On its platforms, `grade` runs with {}.", handout.options);
    }
    if let Some(zip) = autograder {
        let zip = zip.file_name().unwrap_or_default().display();
        tell!(
            "Gradescope's autograder is beside it: {zip}. Upload it as it is, and keep it to yourself."
        );
    }
}

/// What to hand out. `before` is what an earlier handout has: what was given once is not taken away again.
fn handout(course: &Course, request: &Request<'_>, before: Handout) -> Result<Handout> {
    let Handout { mut contents, mut platforms, mut options } = before;
    if let Some(paths) = request.paths {
        contents.paths = Paths::named(paths);
    }
    if contents.paths == Paths::Open && !course.all().any(Module::is_open_path) {
        bail!("this tree has no open path to hand out (there is no modules/open)");
    }
    for platform in request.platforms.iter().map(|name| Platform::named(name)) {
        if !platforms.contains(&platform) {
            platforms.push(platform);
        }
    }
    if !request.options.is_empty() {
        request.options.clone_into(&mut options);
    }
    contents.has_grader |= platforms.iter().any(|platform| platform.grades_in_the_tree());
    if let Some(module) = request.solutions {
        contents.release(course, course.any(module)?)?;
    }
    Ok(Handout { contents, platforms, options })
}

/// What the earlier handout in `dir` has.
fn earlier(course: &Course, dir: &Path) -> Result<Handout> {
    ensure!(dir.is_dir(), "there is no such folder");
    let old = Course::load(dir.to_path_buf())?;
    ensure!(old.is_handout(), "it is the whole lab");
    let paths = match (old.way(), old.others.is_empty()) {
        (_, false) => Paths::Both,
        (Way::Open, true) => Paths::Open,
        (Way::Modules, true) => Paths::Guided,
    };
    let released = old.all().filter(|module| old.has_reference_of(module));
    let released = released.map(|module| module.dir.clone()).collect();
    let contents = Contents { paths, has_grader: dir.join(GRADER).is_dir(), released };
    let options = platforms::options_of_handout(course, dir)?;
    Ok(Handout { contents, platforms: Platform::of_handout(dir), options })
}

/// Rejects a course that no tree with the earlier handout would accept.
fn must_not_be_older(course: &Course, dir: &Path) -> Result<()> {
    let (new, old) = (update::version_of(&course.root)?, update::version_of(dir)?);
    ensure!(
        !update::is_older(&new, &old),
        "the earlier handout is version {old} of the course, and this tree is version {new}; `update` would reject it. \
         Raise `version` in Cargo.toml"
    );
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
fn write_at_once(course: &Course, dir: &Path, contents: &Contents, more: &Tree) -> Result<()> {
    let unfinished = unfinished(dir)?;
    remove(&unfinished)?;
    contents::write_with(course, &unfinished, contents, more, &files::is_private)
        .and_then(|()| put_in_place(&unfinished, dir))
        .inspect_err(|_| {
            let _ = remove(&unfinished);
        })
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
