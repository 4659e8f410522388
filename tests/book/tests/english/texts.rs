//! The texts of an area.

use std::fs;
use std::path::{Path, PathBuf};

use gates::course::{self, Module};

use super::areas::{Area, Kind};
use super::{markdown, rust};

/// A paragraph, a comment or a string.
pub(crate) struct Text {
    /// `path:line`, or the exercise or question.
    pub(crate) place: String,
    /// Without code and quotations, in one line. A heading begins with `#`.
    pub(crate) prose: String,
}

impl Text {
    pub(crate) fn new(place: String, prose: &str) -> Self {
        let prose = without_quotations(&without_code(prose));
        Self { place, prose: prose.split_whitespace().collect::<Vec<_>>().join(" ") }
    }

    pub(crate) fn words(&self) -> usize {
        self.prose.split(' ').filter(|word| word.contains(char::is_alphabetic)).count()
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// `·` for each part between two marks; a mark without a second one stays.
fn without(text: &str, mark: char) -> String {
    let parts: Vec<&str> = text.split(mark).collect();
    let mut left = String::new();
    for (number, part) in parts.iter().enumerate() {
        let is_last = number + 1 == parts.len();
        if number % 2 == 0 {
            left += part;
        } else if is_last {
            left.push(mark);
            left += part;
        } else {
            left.push('·');
        }
    }
    left
}

fn without_code(text: &str) -> String {
    without(text, '`')
}

fn without_quotations(text: &str) -> String {
    without(&text.replace(['“', '”'], "\""), '"')
}

/// All files below a path of the repository, sorted.
fn files(path: &str) -> Vec<String> {
    let whole = root().join(path);
    if whole.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(&whole).unwrap_or_else(|why| panic!("{path}: {why}"));
    let mut below: Vec<String> = entries
        .map(|entry| entry.expect("it can be read").file_name().to_string_lossy().into_owned())
        .filter(|name| !name.starts_with('.') && name != "target")
        .flat_map(|name| files(&format!("{path}/{name}")))
        .collect();
    below.sort();
    below
}

fn has_extension(path: &str, extensions: &[&str]) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    extension.is_some_and(|extension| extensions.contains(&extension))
}

/// The hints, what follows a green check, and the questions.
fn of_exercises(module: &Module) -> Vec<Text> {
    let mut texts = Vec::new();
    for exercise in &module.exercises {
        let id = exercise.id;
        let mut push = |what: &str, text: &String| {
            texts.push(Text::new(format!("{id} ({what})"), text));
        };
        push("title", &format!("# {}", exercise.title));
        exercise.after.iter().for_each(|text| push("after", text));
        let levels = exercise.hints.iter().flat_map(|hints| &hints.levels);
        levels.for_each(|text| push("hint", text));
    }
    for question in &module.questions {
        let all = [&question.ask, &question.why].into_iter().chain(&question.choices);
        texts.extend(all.map(|text| Text::new(question.id.clone(), text)));
    }
    texts
}

pub(crate) fn of(area: &Area) -> Vec<Text> {
    if area.kind == Kind::Exercises {
        let modules = course::read_modules(&root()).unwrap_or_else(|why| panic!("{why}"));
        let belongs = |module: &&Module| {
            let folder = format!("tests/{}", module.dir);
            area.paths.contains(&folder.as_str())
        };
        return modules.iter().filter(belongs).flat_map(of_exercises).collect();
    }
    let extensions: &[&str] = match area.kind {
        Kind::Pages => &["md"],
        Kind::Strings => &["rs"],
        Kind::Comments | Kind::Exercises => &["rs", "scenario", "proof"],
    };
    let read = match area.kind {
        Kind::Pages => markdown::paragraphs,
        Kind::Strings => rust::strings,
        Kind::Comments | Kind::Exercises => rust::comments,
    };
    let paths = area.paths.iter().flat_map(|path| files(path));
    let paths = paths.filter(|path| has_extension(path, extensions));
    // The patterns are examples of themselves.
    let paths = paths.filter(|path| !path.ends_with("english/patterns.rs"));
    paths
        .flat_map(|path| {
            let text = fs::read_to_string(root().join(&path));
            read(&path, &text.unwrap_or_else(|why| panic!("{path}: {why}")))
        })
        .collect()
}
