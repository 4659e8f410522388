//! Notices that the learner has saved a file.
//!
//! The files' times are compared several times a second. That works where events of the file system do not arrive:
//! in containers, on network drives, in WSL. There are some forty files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use crate::files;
use crate::tree::Course;

/// How often the files are looked at.
const PERIOD: Duration = Duration::from_millis(200);

/// What tells two versions of a file apart.
type Version = (Option<SystemTime>, u64);

/// The learner's files, as they were when they were last looked at.
pub(super) struct Saves {
    folders: Vec<PathBuf>,
    seen: BTreeMap<PathBuf, Version>,
    looked: Instant,
    /// The file that was saved last.
    last: Option<PathBuf>,
}

impl Saves {
    pub(super) fn of(course: &Course) -> Self {
        let learners = course.modules.iter().map(|module| module.learner().join("src"));
        let mut folders: Vec<PathBuf> = learners.map(|src| course.root.join(src)).collect();
        // `cargo xtask use`, in another terminal.
        folders.push(course.root.join("Cargo.toml"));
        let seen = versions(&folders);
        Saves { folders, seen, looked: Instant::now(), last: None }
    }

    /// Whether a file was saved, added or removed since the last call.
    pub(super) fn have_changed(&mut self) -> bool {
        if self.looked.elapsed() < PERIOD {
            return false;
        }
        self.looked = Instant::now();
        let now = versions(&self.folders);
        let changed = now != self.seen;
        if changed {
            let is_new =
                |(path, version): &(&PathBuf, &Version)| self.seen.get(*path) != Some(version);
            let saved = now.iter().filter(is_new).max_by_key(|(_, version)| version.0);
            self.last = saved.map(|(path, _)| path.clone());
        }
        self.seen = now;
        changed
    }

    /// The file that was saved last, if one was since this began.
    pub(super) fn last(&self) -> Option<&Path> {
        self.last.as_deref()
    }
}

fn versions(paths: &[PathBuf]) -> BTreeMap<PathBuf, Version> {
    let mut found = BTreeMap::new();
    let mut open: Vec<PathBuf> = paths.to_vec();
    while let Some(path) = open.pop() {
        // A file that an editor is just replacing may be gone for a moment. It will be there the next time.
        let Ok(metadata) = fs::metadata(&path) else { continue };
        if metadata.is_dir() {
            let names = files::names(&path).unwrap_or_default();
            open.extend(
                names.into_iter().filter(|name| !is_draft(name)).map(|name| path.join(name)),
            );
        } else {
            found.insert(path, (metadata.modified().ok(), metadata.len()));
        }
    }
    found
}

/// Whether editors leave such a file beside the one that is open.
fn is_draft(name: &str) -> bool {
    let end = Path::new(name).extension().unwrap_or_default();
    name.starts_with('.') || name.ends_with('~') || name == "4913" || end == "swp" || end == "tmp"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_editors_leave_beside_a_file_is_not_a_save() {
        for name in [".vote.rs.swp", "vote.rs~", "4913", ".#vote.rs", "vote.tmp"] {
            assert!(is_draft(name), "{name}");
        }
        assert!(!is_draft("vote.rs") && !is_draft("own.scenario"));
    }
}
