//! `doctor`: what may be wrong with the machine or the tree, and what to do about it.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result};
use toml_edit::DocumentMut;

use crate::tree::Course;
use crate::verdict::Fingerprints;
use crate::{cargo, files, lock, term, update};

/// A first build takes about 1.5 GB; every module that is judged adds some.
#[cfg(unix)]
const ROOM_MB: u64 = 2_500;

/// What was found about one thing.
enum Finding {
    /// No fault was found.
    Fine(String),
    /// Nothing is wrong, but it is worth knowing.
    Note(String),
    /// Something is wrong: what, and what to do.
    Wrong(String),
}

/// `cargo xtask doctor`. Returns whether nothing is wrong.
pub(crate) fn run(course: &Course) -> Result<bool> {
    let root = &course.root;
    let mut findings = vec![
        toolchain(root)?,
        nextest(root),
        builds_offline(root),
        judge(course)?,
        building(root),
        runner(root),
        leftovers(root)?,
    ];
    findings.extend(interrupted(root));
    findings.extend(room(root));
    let mut is_well = true;
    for finding in findings {
        match finding {
            Finding::Fine(text) => tell!("{} {text}", term::green("✔")),
            Finding::Note(text) => tell!("{} {text}", term::yellow("◌")),
            Finding::Wrong(text) => {
                is_well = false;
                tell!("{} {text}", term::red("✗"));
            }
        }
    }
    Ok(is_well)
}

/// Whether the compiler is new enough.
fn toolchain(root: &Path) -> Result<Finding> {
    let manifest = fs::read_to_string(root.join("Cargo.toml")).context("cannot read Cargo.toml")?;
    let manifest: DocumentMut = manifest.parse().context("Cargo.toml is not valid TOML")?;
    let needed = manifest["workspace"]["package"]["rust-version"].as_str().unwrap_or_default();
    Ok(match printed(Command::new("rustc").arg("--version").current_dir(root)) {
        Some(version) if version_of(&version) >= version_of(needed) => {
            Finding::Fine(format!("{version}; the lab needs {needed} or later."))
        }
        Some(version) => Finding::Wrong(format!(
            "{version} is too old: the lab needs {needed} or later. `rustup update` brings it."
        )),
        None => {
            Finding::Wrong("`rustc` cannot be run. Install Rust from https://rustup.rs.".to_owned())
        }
    })
}

/// The numbers of the first version in a text: 1 and 95 of `rustc 1.95.0 (…)`.
fn version_of(text: &str) -> Vec<u32> {
    let word = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    let digits =
        |part: &str| part.chars().take_while(char::is_ascii_digit).collect::<String>().parse();
    word.unwrap_or_default().split('.').take(2).filter_map(|part| digits(part).ok()).collect()
}

fn nextest(root: &Path) -> Finding {
    match printed(cargo::command(root).args(["nextest", "--version"])) {
        Some(version) => {
            let first = version.lines().next().unwrap_or_default();
            Finding::Fine(format!("{first} is installed. Only authors need it."))
        }
        None => Finding::Note(
            "cargo-nextest is not installed. `check` does not need it; it is for authors."
                .to_owned(),
        ),
    }
}

/// Whether every crate that a learner builds is on this machine.
fn builds_offline(root: &Path) -> Finding {
    let mut tree = cargo::command(root);
    tree.args([
        "tree",
        "--quiet",
        "--offline",
        "--locked",
        "--package",
        "gates",
        "--package",
        "xtask",
    ]);
    match printed(&mut tree) {
        Some(_) => Finding::Fine("Every crate is on this machine, so it builds offline.".to_owned()),
        None => Finding::Note(
            "Not every crate is on this machine. Before you work offline, run `cargo fetch --locked` once while \
             you are connected."
                .to_owned(),
        ),
    }
}

/// Whether the files that judge are as they were handed out.
fn judge(course: &Course) -> Result<Finding> {
    let changed = Fingerprints::new(course)?.changed_judge;
    Ok(if changed.is_empty() {
        Finding::Fine("The files that judge your work are as they were handed out.".to_owned())
    } else {
        Finding::Wrong(format!(
            "The files that judge your work are not as they were handed out, so their verdicts may differ: {}. \
             `git restore` puts them back, or copy them from a fresh tree.",
            changed.join(", ")
        ))
    })
}

/// Whether another cargo, perhaps an editor's, is building in this tree.
fn building(root: &Path) -> Finding {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let lock = root.join(target).join("debug").join(".cargo-lock");
    if is_locked(&lock) {
        return Finding::Note(
            "Another cargo is building in this tree; `check` waits for it. If it is your editor's, give the editor a \
             folder of its own: rust-analyzer's setting is `cargo.targetDir`."
                .to_owned(),
        );
    }
    Finding::Fine("No other cargo is building in this tree.".to_owned())
}

/// Whether another command of the runner is saving something.
fn runner(root: &Path) -> Finding {
    if is_locked(&root.join(lock::NAME)) {
        return Finding::Note(
            "Another command of the runner is saving something at this moment.".to_owned(),
        );
    }
    Finding::Fine("No other command of the runner is saving anything.".to_owned())
}

/// Whether a process holds a lock on a file.
fn is_locked(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock(), Err(TryLockError::WouldBlock))
}

/// What commands that were killed have left behind.
fn leftovers(root: &Path) -> Result<Finding> {
    let mut left = Vec::new();
    for folder in ["", "target"] {
        let dir = root.join(folder);
        let names = if dir.is_dir() { files::names(&dir)? } else { Vec::new() };
        let is_left = |name: &String| {
            let is_draft = Path::new(name).extension().is_some_and(|end| end == "tmp");
            name.starts_with("recorded-") || is_draft
        };
        left.extend(
            names
                .into_iter()
                .filter(is_left)
                .map(|name| files::shown(&Path::new(folder).join(name))),
        );
    }
    Ok(if left.is_empty() {
        Finding::Fine("No command that was killed has left files behind.".to_owned())
    } else {
        Finding::Note(format!(
            "Commands that were killed have left files behind, which you can delete: {}.",
            left.join(", ")
        ))
    })
}

/// Whether an update was interrupted.
fn interrupted(root: &Path) -> Option<Finding> {
    update::is_unfinished(root).then(|| {
        Finding::Wrong(
            "An update to a newer course was interrupted. Run `cargo xtask update` again to finish it.".to_owned(),
        )
    })
}

/// Whether the disk has room for a build.
#[cfg(unix)]
fn room(root: &Path) -> Option<Finding> {
    let disk = rustix::fs::statvfs(root).ok()?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize) >> 20;
    Some(if free < ROOM_MB {
        Finding::Wrong(format!(
            "Only {free} MB are free on this disk, and a build takes up to {ROOM_MB} MB. `cargo clean` removes \
             what was built in this tree."
        ))
    } else {
        Finding::Fine(format!("{free} MB are free on this disk."))
    })
}

/// The standard library does not tell how full a disk is.
#[cfg(not(unix))]
fn room(_root: &Path) -> Option<Finding> {
    None
}

/// What a command prints; `None` if it cannot be run or fails.
fn printed(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version_of("rustc 1.95.0 (59807616e 2026-04-14)"), [1, 95]);
        assert_eq!(version_of("1.95"), [1, 95]);
        assert!(version_of("rustc 1.100.0-nightly (x)") > version_of("1.95"));
        assert!(version_of("rustc 1.9.0") < version_of("1.95"));
        assert!(version_of("").is_empty());
    }
}
