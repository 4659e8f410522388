//! Makes cargo notice what has changed.
//!
//! Cargo builds a file again if it is newer than what was built from it. But a file that is moved back from a copy, or
//! unpacked from an archive, keeps the time of its last change: its text is another, and cargo would go on with what
//! it has built from the text before. Such a file gets the present time.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::digest::digest;
use crate::files;

/// Texts, by their path from the root.
pub(crate) type Texts = BTreeMap<String, String>;

/// What a program was built from last.
#[derive(Serialize, Deserialize)]
struct Built {
    program: PathBuf,
    texts: Texts,
}

/// Compares the sources in these folders with those that the program was built from last, and makes those that differ,
/// and are not newer, look new. Returns the sources.
pub(super) fn refresh(root: &Path, folders: &[PathBuf], record: &Path) -> Texts {
    let now = texts(root, folders);
    let Some((built, built_at)) = read(record) else { return now };
    // Cargo was also called without this runner, and it is not known what it has built from which text.
    let is_foreign = time(&built.program).is_some_and(|time| time > built_at);
    for (path, text) in &now {
        let full = root.join(path);
        let is_hidden =
            built.texts.get(path) != Some(text) && time(&full).is_some_and(|time| time <= built_at);
        if is_foreign || is_hidden {
            // If it cannot be done, cargo decides as it always does.
            let _ = File::options()
                .write(true)
                .open(&full)
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
    }
    now
}

/// Notes what a program was just built from.
pub(super) fn note(program: &Path, texts: Texts, record: &Path) {
    let built = Built { program: program.to_owned(), texts };
    if let Ok(json) = serde_json::to_vec(&built) {
        let _ = files::write(record, &json);
    }
}

fn read(record: &Path) -> Option<(Built, SystemTime)> {
    Some((serde_json::from_slice(&fs::read(record).ok()?).ok()?, time(record)?))
}

fn time(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|file| file.modified()).ok()
}

fn texts(root: &Path, folders: &[PathBuf]) -> Texts {
    let mut texts = Texts::new();
    for folder in folders {
        let src = folder.join("src");
        for (path, bytes) in files::read_tree(&root.join(&src)).unwrap_or_default() {
            let path = files::shown(&src.join(path));
            texts.insert(path, format!("{:032x}", digest([bytes.as_slice()])));
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_text_that_came_back_from_a_copy_looks_new_and_nothing_else_does() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let (record, folders) = (root.join("built"), [PathBuf::from("a")]);
        let old = SystemTime::now() - Duration::from_hours(1);
        let write = |name: &str, text: &str| {
            let path = root.join("a/src").join(name);
            files::write(&path, text.as_bytes()).unwrap();
            File::options().write(true).open(&path).unwrap().set_modified(old).unwrap();
        };
        let time =
            |name: &str| fs::metadata(root.join("a/src").join(name)).unwrap().modified().unwrap();
        write("kept.rs", "same");
        write("moved.rs", "one");
        // Nothing was built yet, so cargo builds everything.
        let texts = refresh(root, &folders, &record);
        assert_eq!(time("moved.rs"), old);
        let program = root.join("gate");
        write("../../gate", "a program");
        note(&program, texts, &record);
        write("moved.rs", "another");
        let texts = refresh(root, &folders, &record);
        assert_eq!(time("kept.rs"), old);
        assert!(time("moved.rs") > old);
        // Somebody else has called cargo since.
        note(&program, texts, &record);
        File::options()
            .write(true)
            .open(&program)
            .unwrap()
            .set_modified(SystemTime::now() + Duration::from_hours(1))
            .unwrap();
        refresh(root, &folders, &record);
        assert!(time("kept.rs") > old);
    }
}
