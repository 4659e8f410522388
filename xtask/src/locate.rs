//! Finding an exercise in the learner's files, and the exercise that a line belongs to.
//!
//! Everything here reads lines, not syntax: it must also work on a file that does not compile.

use std::path::PathBuf;

use anyhow::Result;

use crate::course::{Course, Exercise, Id, Module};
use crate::outline;

/// Where the learner has to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Relative to the root.
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", crate::files::shown(&self.file), self.line)
    }
}

/// What is left to write of an exercise.
#[derive(Clone, Debug)]
pub(crate) struct Todo {
    /// Where to go on: the first part that is not written, or else where the exercise begins.
    pub(crate) place: Place,
    /// The parts that stand as they were handed out.
    pub(crate) unwritten: Vec<String>,
    /// How many parts there are.
    pub(crate) parts: usize,
}

impl Todo {
    /// Whether all of it stands as it was handed out.
    pub(crate) fn is_untouched(&self) -> bool {
        self.parts > 0 && self.unwritten.len() == self.parts
    }
}

/// Compares an exercise with its stub.
pub(crate) fn todo(course: &Course, module: &Module, exercise: &Exercise) -> Result<Todo> {
    let file = module.learner().join(&exercise.file);
    let text = course.text(module, exercise);
    let pristine = course.pristine(module)?;
    let stub = exercise
        .file
        .strip_prefix("src")
        .ok()
        .and_then(|path| pristine.get(path))
        .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
        .unwrap_or_default();
    let is_source = exercise.file.extension().is_some_and(|extension| extension == "rs");
    let parts =
        if is_source { parts_of_source(&stub, exercise.id)? } else { vec![(String::new(), stub)] };
    let mut unwritten = Vec::new();
    let mut first = None;
    for (name, part) in &parts {
        if let Some(at) = text.find(part.as_str()).filter(|_| !part.is_empty()) {
            unwritten.push(name.clone());
            let marked = line_of_marker(part, exercise.id).unwrap_or(1);
            first.get_or_insert(outline::line_number(&text, at) + marked - 1);
        }
    }
    let line = first.unwrap_or_else(|| line_of(&text, exercise));
    Ok(Todo { place: Place { file, line }, unwritten, parts: parts.len() })
}

/// The items of a stub that an exercise asks for, with their names.
fn parts_of_source(stub: &str, id: Id) -> Result<Vec<(String, String)>> {
    let is_asked =
        |item: &outline::Item| item.mark.as_ref().and_then(outline::Mark::exercise) == Some(id);
    let items = outline::read(stub)?.into_iter().filter(is_asked);
    Ok(items.map(|item| (last_name(&item.path), stub[item.whole].to_owned())).collect())
}

/// `last_index` of `Log::last_index`.
fn last_name(path: &str) -> String {
    path.rsplit("::").next().unwrap_or(path).to_owned()
}

/// Where an exercise begins in a text: at its comment, else at the first thing that it asks for.
fn line_of(text: &str, exercise: &Exercise) -> usize {
    let named = |name: &String| {
        (1..).zip(text.lines()).find(|(_, line)| item_name(line) == Some(name)).map(|(n, _)| n)
    };
    line_of_marker(text, exercise.id)
        .or_else(|| exercise.functions.iter().find_map(named))
        .unwrap_or(1)
}

fn line_of_marker(text: &str, id: Id) -> Option<usize> {
    (1..).zip(text.lines()).find(|(_, line)| marked(line) == Some(id)).map(|(number, _)| number)
}

fn marked(line: &str) -> Option<Id> {
    outline::marker(line, "//").or_else(|| outline::marker(line, "#"))
}

/// The exercise that a line of the learner's file belongs to, if it belongs to one.
pub(crate) fn exercise_at(module: &Module, file: &str, text: &str, line: usize) -> Option<Id> {
    let lines: Vec<&str> = text.lines().collect();
    let mut regions: Vec<(usize, usize, Option<Id>, bool)> = Vec::new();
    for (at, code) in lines.iter().enumerate().filter(|(_, line)| opens_item(line)) {
        let mut above =
            lines[..at].iter().rev().take_while(|line| is_comment_or_attribute(line)).count();
        // A comment that opens a body belongs to that body, not to what stands below it.
        let before = lines[..at - above].last();
        if before.is_some_and(|line| line.ends_with('{') && !is_container(line)) {
            above = 0;
        }
        let indent = code.len() - code.trim_start().len();
        regions.push((at - above, indent, None, is_container(code)));
    }
    for at in 0..regions.len() {
        let (start, indent, ..) = regions[at];
        let end = regions.get(at + 1).map_or(lines.len(), |next| next.0);
        let named = lines[start..end].iter().find_map(|line| item_name(line));
        let by_name = || {
            let asks = |e: &&Exercise| {
                file.ends_with(&crate::files::shown(&e.file))
                    && named.is_some_and(|name| e.functions.iter().any(|f| f == name))
            };
            module.exercises.iter().find(asks).map(|e| e.id)
        };
        // A function inside of a function belongs where that one does.
        let outer = || {
            let (_, outer, id, container) = *regions.get(at.checked_sub(1)?)?;
            id.filter(|_| !container && indent > outer)
        };
        let id = lines[start..end].iter().find_map(|line| marked(line));
        regions[at].2 = id.or_else(by_name).or_else(outer);
    }
    regions.iter().rev().find(|(start, ..)| *start < line)?.2
}

const CONTAINERS: [&str; 3] = ["impl", "mod", "trait"];
const ITEMS: [&str; 8] = ["fn", "enum", "struct", "use", "const", "static", "type", "union"];

/// The words of a line, without what may stand before `fn` and its like.
fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
        .skip_while(|word| {
            matches!(*word, "pub" | "crate" | "async" | "unsafe" | "extern" | "super")
        })
}

fn opens_item(line: &str) -> bool {
    !is_comment_or_attribute(line)
        && words(line)
            .next()
            .is_some_and(|word| ITEMS.contains(&word) || CONTAINERS.contains(&word))
}

fn is_container(line: &str) -> bool {
    words(line).next().is_some_and(|word| CONTAINERS.contains(&word))
}

/// The name of the function or type that a line opens.
fn item_name(line: &str) -> Option<&str> {
    if is_comment_or_attribute(line) {
        return None;
    }
    let mut words = words(line);
    let kind = words.next().map(|word| if word == "const" { "fn" } else { word })?;
    matches!(kind, "fn" | "enum" | "struct").then(|| words.find(|word| *word != "fn"))?
}

fn is_comment_or_attribute(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("//") || line.starts_with("#[")
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
//! Exercise 1.2: a title is no marker.

use a::b;

/// Docs.
pub fn first(
    x: u8,
) -> u8 {
    // Exercise 1.2: text.
    fn inner() {
        oops
    }
    inner();
}

fn mine() {
    oops
}

impl Log {
    /// Docs.
    pub const fn second(&self) {
        // Exercise 1.3: text.
        oops
    }

    fn third(&self) {
        oops
    }
}

// Exercise 1.4: text.
#[derive(Debug)]
pub enum Role {
    oops,
}
";

    fn module() -> Module {
        let text = "module = \"01-a\"\npackage = \"a\"\ntitle = \"\"\nsection = \"\"\n\
                    [[exercise]]\nid = \"1.5\"\ntitle = \"\"\nsection = \"\"\nfile = \"src/a.rs\"\n\
                    functions = [\"third\"]\npoints = 1\nminutes = 1\nhints = []\n";
        toml_edit::de::from_str(text).unwrap()
    }

    #[test]
    fn a_line_belongs_to_the_exercise_whose_function_it_is_in() {
        let module = module();
        let at = |line| {
            let id = exercise_at(&module, "modules/01-a/src/a.rs", TEXT, line)?;
            Some(id.to_string())
        };
        let found: Vec<Option<String>> =
            [3, 5, 7, 9, 11, 13, 17, 20, 22, 24, 28, 32, 35].map(at).into();
        let found: Vec<&str> = found.iter().map(|id| id.as_deref().unwrap_or("-")).collect();
        let right =
            ["-", "1.2", "1.2", "1.2", "1.2", "1.2", "-", "-", "1.3", "1.3", "1.5", "1.4", "1.4"];
        assert_eq!(found, right);
    }

    #[test]
    fn an_exercise_without_its_comment_is_found_by_name() {
        let module = module();
        let exercise = &module.exercises[0];
        assert_eq!(line_of("fn a() {}\n    pub(crate) fn third(&self)\n", exercise), 2);
        assert_eq!(line_of("fn a() {}\nfn third() {\n // Exercise 1.5: x\n", exercise), 3);
        assert_eq!(line_of("", exercise), 1);
    }
}
