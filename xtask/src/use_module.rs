//! `use`: whether later modules build on the learner's module or on the reference.
//!
//! A module takes its predecessor from `[workspace.dependencies]`, where one line says which. The reference
//! of a module builds on the reference of the module before it, so a switch always covers the beginning of
//! the chain. Modules that were only switched along with another carry a note, and are switched back with it:
//! switching back restores the file byte for byte.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use course::Module;
use toml_edit::{DocumentMut, InlineTable, Item, Value};

use crate::lock::TreeLock;
use crate::progress::Progress;
use crate::tree::{Course, Way};
use crate::{cargo, files, line_endings};

/// Some editors put it before the first line, and cargo accepts it.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Whose code a module's name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The learner's.
    Mine,
    /// The reference.
    Solution,
}

/// Which one the tree at `root` uses for a module.
pub(crate) fn source(root: &Path, module: &Module) -> Result<Source> {
    let text = read(root)?;
    let document: DocumentMut = text.parse().context("Cargo.toml is not valid TOML")?;
    Ok(source_in(&document, module))
}

fn read(root: &Path) -> Result<String> {
    fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")
}

fn entry<'a>(document: &'a DocumentMut, module: &Module) -> Option<&'a Value> {
    document.get("workspace")?.get("dependencies")?.get(&module.package)?.as_value()
}

fn source_in(document: &DocumentMut, module: &Module) -> Source {
    let package = entry(document, module).and_then(|value| value.as_inline_table()?.get("package"));
    if package.is_some() { Source::Solution } else { Source::Mine }
}

/// The word for the path of the modules.
pub(crate) const GUIDED: &str = "guided";

/// `cargo xtask use`. Without `whose`, `name` is a path.
pub(crate) fn run(course: &Course, name: &str, whose: Option<&str>) -> Result<()> {
    let is_path = name == GUIDED || Way::named_by(name) == Some(Way::Open);
    match whose {
        None if is_path => use_path(course, if name == GUIDED { Way::Modules } else { Way::Open }),
        Some(_) if name == GUIDED => bail!("`use {GUIDED}` takes no other word"),
        Some(whose) => {
            let to = if whose == "mine" { Source::Mine } else { Source::Solution };
            use_code(course, course.module(name)?, to)
        }
        None => {
            let module = course.module(name)?;
            bail!("whose code? `cargo xtask use {0} mine`, or `use {0} solution`", module.package)
        }
    }
}

/// From now on, commands that name nothing are about this path.
fn use_path(course: &Course, way: Way) -> Result<()> {
    let course = course.on(way)?;
    let mut progress = Progress::load(&course.root)?;
    progress.set_way(way);
    progress.save()?;
    match way {
        Way::Open => tell!(
            "You are on the open path: `check`, `watch`, `hint`, `status` and the others are about modules/open until \
             `cargo xtask use {GUIDED}`. Both paths keep their progress."
        ),
        Way::Modules => tell!(
            "You are on the path of the modules. `cargo xtask use {}` returns to the open path.",
            Way::Open.word()
        ),
    }
    Ok(())
}

fn use_code(course: &Course, module: &Module, to: Source) -> Result<()> {
    if module.alone {
        tell!(
            "No other module builds on {}, so there is nothing to switch: what is judged is always \
             yours.",
            module.dir
        );
        return Ok(());
    }
    if to == Source::Solution {
        let command = format!("cargo xtask use {} solution", module.package);
        course.needs_reference_of(module, &command)?;
    }
    let switched = switch(course, module, to)?;
    let dirs: Vec<&str> = switched.iter().map(|module| module.dir.as_str()).collect();
    match (to, dirs.is_empty()) {
        (Source::Mine, true) => say!("{} is already yours.", module.dir),
        (Source::Solution, true) => say!("{} is already the reference.", module.dir),
        (Source::Mine, false) => say!("Yours again: {}.", dirs.join(", ")),
        (Source::Solution, false) => tell!(
            "Later modules now build on the reference of {}. Your files are unchanged; `cargo xtask use \
             {} mine` switches back.",
            dirs.join(", "),
            module.package
        ),
    }
    Ok(())
}

/// Switches a module, and those that must be switched with it. Returns those that were switched.
///
/// # Errors
/// If `Cargo.toml` cannot be read or written, or lacks the module.
pub fn switch<'a>(course: &'a Course, module: &Module, to: Source) -> Result<Vec<&'a Module>> {
    let lock = TreeLock::take(&course.root)?;
    let text = read(&course.root)?;
    let (new, switched) = switch_text(&text, &course.modules, module, to)?;
    if new != text {
        files::write(&course.root.join("Cargo.toml"), new.as_bytes())?;
        drop(lock);
        refresh_lock(&course.root);
    }
    Ok(switched)
}

/// The root's manifest with every module switched to the learner's.
///
/// # Errors
/// If it is not valid, or lacks a module.
pub fn all_mine(text: &str, modules: &[Module]) -> Result<String> {
    let Some(first) = modules.iter().find(|module| !module.alone) else {
        return Ok(text.to_owned());
    };
    Ok(switch_text(text, modules, first, Source::Mine)?.0)
}

/// The manifest of another version of the course, with every module that it still has switched as in `old`.
///
/// # Errors
/// If one of the two is not valid.
pub(crate) fn switched_like(old: &str, new: &str, modules: &[Module]) -> Result<String> {
    let document: DocumentMut = old.parse().context("Cargo.toml is not valid TOML")?;
    let mut text = new.to_owned();
    for module in modules.iter().filter(|module| !module.alone) {
        let note = entry(&document, module).and_then(|value| value.decor().suffix()?.as_str());
        // Those with a note were switched along with another, and are again.
        let is_asked_for = !note.is_some_and(|note| note.trim_start().starts_with("# with"));
        if source_in(&document, module) == Source::Solution && is_asked_for {
            text = switch_text(&text, modules, module, Source::Solution)?.0;
        }
    }
    Ok(text)
}

fn switch_text<'a>(
    text: &str,
    modules: &'a [Module],
    module: &Module,
    to: Source,
) -> Result<(String, Vec<&'a Module>)> {
    let mut document: DocumentMut = text.parse().context("Cargo.toml is not valid TOML")?;
    let along = |module: &Module| format!(" # with {}", module.package);
    let mut switched = Vec::new();
    // The nearest later module that stays the reference: the modules before it must be, too.
    let mut reference: Option<&Module> = None;
    for other in modules.iter().filter(|module| !module.alone).rev() {
        let Some(value) = entry(&document, other) else {
            bail!("Cargo.toml does not name `{}` in [workspace.dependencies]", other.package);
        };
        let note = value.decor().suffix().and_then(|s| s.as_str()).unwrap_or_default().to_owned();
        let is_module = other.dir == module.dir;
        let is_earlier = other.number() < module.number();
        let was = source_in(&document, other);
        let (becomes, note) = match to {
            Source::Solution if is_module => (to, String::new()),
            Source::Solution if is_earlier && was == Source::Mine => (to, along(module)),
            Source::Mine if !is_earlier => (to, String::new()),
            Source::Mine if note == along(module) => match reference {
                None => (to, String::new()),
                Some(later) => (was, along(later)),
            },
            _ => (was, note),
        };
        if becomes == Source::Solution {
            reference = Some(other);
        }
        if becomes != was {
            switched.push(other);
        }
        put(&mut document, other, becomes, &note);
    }
    switched.reverse();
    // The document writes all lines with the same ending, and no byte order mark.
    let mark = if text.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK } else { "" };
    let new = document.to_string();
    let new = format!("{mark}{}", new.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&new));
    Ok((line_endings::kept(text, &new), switched))
}

/// Writes the line of a module.
fn put(document: &mut DocumentMut, module: &Module, to: Source, note: &str) {
    let is_right = entry(document, module).is_some_and(|value| {
        value.decor().suffix().and_then(|s| s.as_str()).unwrap_or_default() == note
    });
    // A line that is up to date keeps its format.
    if is_right && source_in(document, module) == to {
        return;
    }
    let mut table = InlineTable::new();
    let dir = match to {
        Source::Mine => module.learner(),
        Source::Solution => {
            table.insert("package", module.solution_package().into());
            module.solution()
        }
    };
    table.insert("path", files::shown(&dir).into());
    let mut value = Value::InlineTable(table);
    value.decor_mut().set_prefix(" ");
    value.decor_mut().set_suffix(note);
    document["workspace"]["dependencies"][&module.package] = Item::Value(value);
}

/// Lets cargo update `Cargo.lock` at once. If it cannot, it does so at the next build.
pub fn refresh_lock(root: &Path) {
    let _ = cargo::command(root)
        .args(["metadata", "--quiet", "--offline", "--format-version", "1"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[workspace.dependencies]\n# The chain.\ndata-model = { path = \"modules/01-data-model\" }\nelection = { path = \"modules/02-election\" }\nreplication = { path = \"modules/03-replication\" }\n\nserde = \"1\" # kept\n";

    fn modules() -> Vec<Module> {
        let module = |dir: &str| Module {
            dir: dir.to_owned(),
            package: dir[3..].to_owned(),
            title: String::new(),
            section: String::new(),
            alone: dir.starts_with("00"),
            stretch: false,
            exercises: Vec::new(),
            questions: Vec::new(),
        };
        ["00-warm-up", "01-data-model", "02-election", "03-replication"].map(module).into()
    }

    /// Switches the module at this place of the chain.
    fn switched(text: &str, at: usize, to: Source) -> (String, Vec<String>) {
        let modules = modules();
        let (text, switched) = switch_text(text, &modules, &modules[at + 1], to).unwrap();
        (text, switched.iter().map(|module| module.package.clone()).collect())
    }

    #[test]
    fn the_reference_builds_on_the_reference() {
        let (text, which) = switched(TEXT, 1, Source::Solution);
        assert_eq!(which, ["data-model", "election"]);
        assert!(text.contains(
            "data-model = { package = \"data-model-solution\", path = \"solutions/01-data-model\" } # with election\n\
             election = { package = \"election-solution\", path = \"solutions/02-election\" }\n"
        ), "{text}");
    }

    #[test]
    fn going_back_leaves_the_file_as_it_was() {
        for at in 0..3 {
            let (text, _) = switched(TEXT, at, Source::Solution);
            assert_eq!(switched(&text, at, Source::Mine).0, TEXT);
            assert_eq!(switched(&text, 0, Source::Mine).0, TEXT);
        }
        let (one, _) = switched(TEXT, 0, Source::Solution);
        let (three, _) = switched(&one, 2, Source::Solution);
        assert_eq!(switched(&three, 2, Source::Mine).0, one);
        let (three, _) = switched(TEXT, 2, Source::Solution);
        let (two, _) = switched(&switched(&three, 1, Source::Solution).0, 2, Source::Mine);
        assert_eq!(two, switched(TEXT, 1, Source::Solution).0);
    }

    #[test]
    fn only_the_lines_of_the_switch_change_whatever_ends_the_others() {
        let mixed = TEXT.replacen('\n', "\r\n", 3);
        for file in [TEXT.replace('\n', "\r\n"), format!("{BYTE_ORDER_MARK}{TEXT}"), mixed] {
            let (text, _) = switched(&file, 1, Source::Solution);
            let changed: Vec<&str> = text
                .split('\n')
                .zip(file.split('\n'))
                .filter_map(|(new, old)| (new != old).then_some(new.split(' ').next().unwrap()))
                .collect();
            assert_eq!(changed, ["data-model", "election"], "{text:?}");
            assert_eq!(switched(&text, 1, Source::Mine).0, file);
        }
    }

    #[test]
    fn a_switch_asked_for_stays_and_what_builds_on_mine_is_mine() {
        let (text, _) = switched(TEXT, 1, Source::Solution);
        // Asked for by name, the first no longer goes back with the second.
        let (text, which) = switched(&text, 0, Source::Solution);
        assert!(which.is_empty());
        let (text, which) = switched(&text, 1, Source::Mine);
        assert_eq!(which, ["election"]);
        let (text, _) = switched(&text, 2, Source::Solution);
        let (_, which) = switched(&text, 0, Source::Mine);
        assert_eq!(which, ["data-model", "election", "replication"]);
    }

    #[test]
    fn another_version_is_switched_in_the_same_way() {
        let newer = format!("# Newer.\n{TEXT}");
        let (one, _) = switched(TEXT, 0, Source::Solution);
        let (both, _) = switched(&one, 2, Source::Solution);
        for old in [TEXT.to_owned(), one, both, switched(TEXT, 2, Source::Solution).0] {
            let new = switched_like(&old, &newer, &modules()).unwrap();
            assert_eq!(new, format!("# Newer.\n{old}"));
        }
    }

    #[test]
    fn switching_twice_changes_nothing() {
        let (text, _) = switched(TEXT, 1, Source::Solution);
        assert_eq!(switched(&text, 1, Source::Solution), (text, Vec::new()));
        assert_eq!(switched(TEXT, 1, Source::Mine), (TEXT.to_owned(), Vec::new()));
    }
}
