//! A script as a file.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::order::Order;

/// The folder for scripts that were played.
const FOLDER: &str = "target/play";

/// Where a script goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum To<'a> {
    /// A file with this name, without its folder and extension.
    File(&'a str),
    /// The learner's own scenario that the module asks for.
    Own,
}

/// The file that has the script now, and the copy of what it replaced, if it replaced anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Saved {
    pub(super) file: PathBuf,
    pub(super) copy: Option<PathBuf>,
}

/// Writes a script, and keeps a copy of what it replaces.
///
/// # Errors
/// If the name is not allowed, or the file cannot be written.
pub(super) fn save(order: &Order, script: &str, to: To<'_>) -> Result<Saved, String> {
    let folder = order.root.join(FOLDER);
    let (file, text) = match to {
        To::File(name) => {
            let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
            if name.is_empty() || name.len() > 80 || !name.chars().all(is_plain) {
                return Err(format!(
                    "`{name}` is not a name for a scenario: use letters, digits, `-` and `_`"
                ));
            }
            (folder.join(format!("{name}.scenario")), with_header(order, script, name))
        }
        To::Own => {
            let own = order.own.as_ref().ok_or("this module asks for no scenario of your own")?;
            let file = order.root.join(own);
            let before = fs::read_to_string(&file).unwrap_or_default();
            (file, below_its_comment(&before, script))
        }
    };
    let about =
        |path: &Path, error: &io::Error| format!("cannot write {}: {error}", path.display());
    fs::create_dir_all(&folder).map_err(|error| about(&folder, &error))?;
    let copy = match fs::read(&file) {
        Ok(before) if before != text.as_bytes() => {
            let copy = free_name(&folder, &file);
            fs::write(&copy, before).map_err(|error| about(&copy, &error))?;
            Some(copy)
        }
        _ => None,
    };
    fs::write(&file, text).map_err(|error| about(&file, &error))?;
    Ok(Saved { file, copy })
}

/// The script with the end of its last block.
fn complete(script: &str) -> String {
    let script = script.trim();
    let last = script.lines().next_back().unwrap_or_default();
    if last == "---" { format!("{script}\n") } else { format!("{script}\n---\n") }
}

/// A scenario says at its top what it shows and which exercise it is about. A script that does not gets both.
fn with_header(order: &Order, script: &str, name: &str) -> String {
    let text = complete(script);
    let top = text.lines().take_while(|line| line.starts_with('#'));
    if top.into_iter().any(|line| line.starts_with("# exercise:")) {
        return text;
    }
    let claim = name.replace(['-', '_'], " ");
    let exercise = &order.exercise;
    format!(
        "# Played: {claim}.\n#\n# exercise: {exercise}\n# why: it was played with `cargo xtask play`\n\n{text}"
    )
}

/// A comment `# Exercise …` at the top of the learner's own scenario says what the exercise asks for: it stays, unless
/// the script begins with it already.
fn below_its_comment(before: &str, script: &str) -> String {
    let text = complete(script);
    let comment: Vec<&str> = before.lines().take_while(|line| line.starts_with('#')).collect();
    let first = comment.first().copied().filter(|line| line.starts_with("# Exercise "));
    if first.is_none() || text.lines().next() == first {
        return text;
    }
    format!("{}\n\n{text}", comment.join("\n"))
}

/// A name in the folder that no file has: `own.before-1.scenario`.
fn free_name(folder: &Path, file: &Path) -> PathBuf {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = |number: u32| folder.join(format!("{stem}.before-{number}.scenario"));
    (1..10_000).map(name).find(|path| !path.exists()).unwrap_or_else(|| name(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(root: &Path) -> Order {
        Order {
            root: root.to_owned(),
            build: Vec::new(),
            exercise: "2.4".to_owned(),
            name: "new".to_owned(),
            script: String::new(),
            own: Some(PathBuf::from("own.scenario")),
            sources: Vec::new(),
            terminal: true,
            opener: None,
            limit_ms: 1_000,
        }
    }

    #[test]
    fn a_saved_script_is_a_scenario() {
        let folder = tempfile::tempdir().unwrap();
        let order = order(folder.path());
        let saved = save(&order, "cluster 3\n", To::File("two-leaders")).unwrap();
        let text = fs::read_to_string(&saved.file).unwrap();
        assert!(text.starts_with("# Played: two leaders.\n#\n# exercise: 2.4\n# why: "), "{text}");
        assert!(text.ends_with("\n\ncluster 3\n---\n") && saved.copy.is_none(), "{text}");
        // Again: what was there is kept, unless it is the same.
        let saved = save(&order, "cluster 5\n---\n", To::File("two-leaders")).unwrap();
        assert_eq!(fs::read_to_string(saved.copy.unwrap()).unwrap(), text);
        let saved = save(&order, "cluster 5\n", To::File("two-leaders")).unwrap();
        assert_eq!(saved.copy, None);
        for name in ["", "../x", "a/b", "a b"] {
            assert!(save(&order, "cluster 3\n", To::File(name)).is_err(), "{name}");
        }
    }

    #[test]
    fn the_comment_of_the_learners_own_scenario_stays() {
        let folder = tempfile::tempdir().unwrap();
        let order = order(folder.path());
        let own = folder.path().join("own.scenario");
        fs::write(&own, "# Exercise 2.8: yours.\n# More.\ntodo \"exercise 2.8\"\n---\n").unwrap();
        let saved = save(&order, "cluster 3\ntimeout S1\n", To::Own).unwrap();
        let text = fs::read_to_string(&own).unwrap();
        assert_eq!(text, "# Exercise 2.8: yours.\n# More.\n\ncluster 3\ntimeout S1\n---\n");
        let kept = fs::read_to_string(saved.copy.unwrap()).unwrap();
        assert!(kept.contains("todo \"exercise 2.8\""));
        // It stays above a script with a comment of its own, and is not there twice.
        save(&order, "# S1 asks.\ncluster 3\n", To::Own).unwrap();
        let text = fs::read_to_string(&own).unwrap();
        assert_eq!(text, "# Exercise 2.8: yours.\n# More.\n\n# S1 asks.\ncluster 3\n---\n");
        save(&order, &text, To::Own).unwrap();
        assert_eq!(fs::read_to_string(&own).unwrap(), text);
    }
}
