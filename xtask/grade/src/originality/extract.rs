//! What a student has written for an exercise: its functions, or its file; without comments.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use course::source::{Item, ItemKind, Outline, tokens};
use course::{Exercise, ExerciseId, Module};
use xtask::files::Tree;
use xtask::tree::Course;

/// What is compared: an exercise, or what a student has added to a module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// An exercise, and its file from the root.
    Exercise(ExerciseId, PathBuf),
    /// Functions, types and files of the student's own in a module.
    Own(String),
}

impl Unit {
    /// A folder's name: `2.3`, or `02-election-own`.
    pub(super) fn folder(&self) -> String {
        match self {
            Unit::Exercise(id, _) => id.to_string(),
            Unit::Own(module) => format!("{module}-own"),
        }
    }

    /// The name of the file that is exported.
    pub(super) fn file_name(&self) -> String {
        match self {
            Unit::Exercise(_, file) => {
                file.file_name().unwrap_or_default().to_string_lossy().into_owned()
            }
            Unit::Own(_) => "own.rs".to_owned(),
        }
    }

    /// The whole file of an exercise as it was given.
    pub(super) fn given(&self, given: &Tree) -> Option<String> {
        let Unit::Exercise(_, file) = self else { return None };
        Some(without_comments(&String::from_utf8_lossy(given.get(file)?)))
    }
}

/// What a submission has for each exercise. A file that is as it was given has nothing.
pub(super) fn units(course: &Course, given: &Tree, submission: &Tree) -> BTreeMap<Unit, String> {
    let mut units = BTreeMap::new();
    for module in course.all() {
        for exercise in &module.exercises {
            let path = module.learner().join(&exercise.file);
            let Some(text) = text_of(submission, &path) else { continue };
            let stub = text_of(given, &path).unwrap_or_default();
            if text == stub {
                continue;
            }
            let part = written_for(exercise, &text, &stub);
            if !part.trim().is_empty() {
                units.insert(Unit::Exercise(exercise.id, path), part);
            }
        }
        let own = own_of(module, given, submission);
        if !own.trim().is_empty() {
            units.insert(Unit::Own(module.dir.clone()), own);
        }
    }
    units
}

fn text_of(tree: &Tree, path: &Path) -> Option<String> {
    tree.get(path).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The functions of an exercise, by the names that the stub has; of other files, the whole text.
fn written_for(exercise: &Exercise, text: &str, stub: &str) -> String {
    if !exercise.is_rust() {
        let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
        return lines.flat_map(|line| [line, "\n"]).collect();
    }
    let stub = Outline::read(stub);
    let marked: BTreeSet<&str> = stub
        .items
        .iter()
        .filter(|item| item.exercise() == Some(exercise.id))
        .map(|item| &*item.path)
        .collect();
    let outline = Outline::read(text);
    let items = outline.items.iter().filter(|item| marked.contains(&*item.path));
    items.map(|item| standing_alone(text, item)).collect()
}

/// Items that the stubs do not have, and files that they do not have.
fn own_of(module: &Module, given: &Tree, submission: &Tree) -> String {
    let src = module.learner().join("src");
    let mut own = String::new();
    for (path, bytes) in submission.iter().filter(|(path, _)| path.starts_with(&src)) {
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let text = String::from_utf8_lossy(bytes);
        let Some(stub) = text_of(given, path) else {
            own += &without_comments(&text);
            continue;
        };
        let known: BTreeSet<String> =
            Outline::read(&stub).items.into_iter().map(|item| item.path).collect();
        let is_own = |item: &&Item| {
            matches!(item.kind, ItemKind::Fn | ItemKind::Type) && !known.contains(&item.path)
        };
        let outline = Outline::read(&text);
        own.extend(outline.items.iter().filter(is_own).map(|item| standing_alone(&text, item)));
    }
    own
}

/// An item as a file of its own, so that a parser can read it: a method needs its `impl`.
fn standing_alone(text: &str, item: &Item) -> String {
    let code = without_comments(&text[item.whole.clone()]);
    match item.path.rsplit_once("::") {
        Some((around, _)) => format!("impl {around} {{\n{}\n}}\n", code.trim_end()),
        None => format!("{}\n", code.trim_end()),
    }
}

/// The code of a Rust file: its lines as they are, without comments and empty lines.
pub(super) fn without_comments(text: &str) -> String {
    let mut code = String::new();
    let mut end = 0;
    for token in tokens(text) {
        let between = &text[end..token.start];
        match between.rfind('\n') {
            Some(line) => {
                code.push('\n');
                // A comment can be in front of the token.
                let indent = between[line + 1..].chars().take_while(|it| it.is_whitespace());
                code.extend(indent);
            }
            None if !between.is_empty() => code.push(' '),
            None => {}
        }
        code.push_str(token.text);
        end = token.end();
    }
    format!("{}\n", code.trim_start_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_are_left_out() {
        let text = "//! A.\n\nfn f() {\n    // B.\n    let s = \"// no\"; /* C */ g();\n\n    /// D.\n    x\n}\n";
        let code = "fn f() {\n    let s = \"// no\"; g();\n    x\n}\n";
        assert_eq!(without_comments(text), code);
    }
}
