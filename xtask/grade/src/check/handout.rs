//! Whether a handout has everything that a learner needs, and says nothing of what it lacks.

use std::fs;
use std::path::Path;

use anyhow::Result;
use course::source::stub;
use xtask::files;
use xtask::tree::{Course, PRISTINE};
use xtask::verdict;

use super::Part;

/// What a handout does not have, as its pages would name it.
const MISSING: [&str; 15] = [
    "solutions/",
    "git restore",
    "tests/bugs",
    "tests/book",
    "xtask/author",
    "xtask/grade",
    "cargo xtask verify",
    "cargo xtask stubs",
    "cargo xtask bless",
    "cargo xtask zoo",
    "cargo xtask mutants",
    "cargo xtask grade",
    "docs/maintainers",
    "instructors/",
    "<!-- full",
];

/// Files at the root without which a learner cannot begin.
const NEEDED: [&str; 6] = [
    "Cargo.toml",
    "Cargo.lock",
    "README.md",
    ".cargo/config.toml",
    "docs/start-here.md",
    "docs/SUMMARY.md",
];

/// Every exercise has its stub, its place, and its chapter.
pub(super) fn complete(course: &Course) -> Result<Part> {
    let mut faults = Vec::new();
    let root = &course.root;
    for file in NEEDED.iter().filter(|file| !root.join(file).is_file()) {
        faults.push(format!("{file} is missing"));
    }
    for module in course.all() {
        let src = module.learner().join("src");
        let stubs = course.pristine(module)?;
        if files::read_tree(&root.join(&src))? != stubs {
            faults.push(format!("{} is not as in {PRISTINE}", files::shown(&src)));
        }
        let chapter = format!("docs/chapters/{}.md", module.dir);
        let chapter_text = fs::read_to_string(root.join(&chapter)).unwrap_or_default();
        if chapter_text.is_empty() {
            faults.push(format!("{chapter} is missing"));
        }
        for exercise in &module.exercises {
            let Some(bytes) = stubs.get(exercise.path_in_src()) else {
                faults.push(format!("exercise {} has no file {}", exercise.id, exercise.file));
                continue;
            };
            let text = String::from_utf8_lossy(bytes);
            let mark = exercise.id.to_string();
            // A milestone is written in an empty file.
            if module.is_open_path() {
                continue;
            }
            if !text.contains(&format!("Exercise {mark}:")) {
                faults.push(format!("{} has nothing to write for {mark}", exercise.file));
            }
            if !chapter_text.contains(&format!("### Exercise {mark}:")) {
                faults.push(format!("{chapter} says nothing about exercise {mark}"));
            }
            if exercise.is_rust() && stub::items(&text).is_err() {
                faults.push(format!("{} cannot be read", exercise.file));
            }
        }
    }
    let list =
        fs::read_to_string(root.join(PRISTINE).join(verdict::JUDGE_LIST)).unwrap_or_default();
    if list != verdict::judge_list(course)? {
        faults.push(format!(
            "{PRISTINE}/{} does not list the judge's files as they are",
            verdict::JUDGE_LIST
        ));
    }
    Ok(Part { name: "the handout has everything that a learner needs", faults })
}

/// No page names what is missing.
pub(super) fn silent(root: &Path) -> Result<Part> {
    let mut faults = Vec::new();
    let is_left_out = |path: &Path| {
        files::is_private(path) || path == Path::new("xtask") || path == Path::new("tests")
    };
    for (path, bytes) in files::read_tree_without(root, &is_left_out)? {
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes);
        for (number, line) in (1..).zip(text.lines()) {
            for word in MISSING.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{}:{number} names `{word}`", files::shown(&path)));
            }
        }
    }
    Ok(Part { name: "its pages name nothing that it lacks", faults })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_names_what_is_missing_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |text: &str| files::write(&folder.path().join("docs/a.md"), text.as_bytes());
        write("# A\n\nSee `solutions/02-election`.\n").unwrap();
        assert_eq!(silent(folder.path()).unwrap().faults, ["docs/a.md:3 names `solutions/`"]);
        write("# A\n\nThe reference is kept back.\n").unwrap();
        assert!(silent(folder.path()).unwrap().faults.is_empty());
    }
}
