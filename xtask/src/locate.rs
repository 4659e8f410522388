//! Finds an exercise in the learner's files, and the exercise that a line belongs to. This must work even for
//! a file that does not compile.

use std::path::PathBuf;

use anyhow::Result;
use course::source::{self, Item, Outline};
use course::{Exercise, ExerciseId, Module};

use crate::tree::Course;
use crate::{files, line_endings};

/// Where the learner writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Relative to the root.
    pub(crate) file: PathBuf,
    pub(crate) line: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", files::shown(&self.file), self.line)
    }
}

/// What is left to write of an exercise.
#[derive(Clone, Debug)]
pub(crate) struct Todo {
    /// Where to continue: the first part that is not written, or else the beginning of the exercise.
    pub(crate) place: Place,
    /// The parts that are as they were handed out.
    pub(crate) unwritten: Vec<String>,
    /// How many parts the exercise has.
    pub(crate) parts: usize,
}

impl Todo {
    /// Whether all of it is as it was handed out.
    pub(crate) fn is_untouched(&self) -> bool {
        self.parts > 0 && self.unwritten.len() == self.parts
    }
}

/// Compares an exercise with its stub.
pub(crate) fn todo(course: &Course, module: &Module, exercise: &Exercise) -> Result<Todo> {
    if module.is_open_path() {
        return whole(course, module, exercise);
    }
    let file = module.learner().join(&exercise.file);
    let text = line_endings::unified(&course.text(module, exercise));
    let stub = line_endings::unified(&course.stub(module, exercise)?.unwrap_or_default());
    let parts = if exercise.is_rust() {
        parts_of_source(&stub, exercise.id)
    } else {
        vec![(String::new(), stub)]
    };
    let mut unwritten = Vec::new();
    let mut first = None;
    for (name, part) in &parts {
        if let Some(at) = text.find(part.as_str()).filter(|_| !part.is_empty()) {
            unwritten.push(name.clone());
            let marked = source::line_of_mark(part, exercise.id).unwrap_or(1);
            first.get_or_insert(source::line_number(&text, at) + marked - 1);
        }
    }
    let line = first.unwrap_or_else(|| line_of(&text, exercise));
    Ok(Todo { place: Place { file, line }, unwritten, parts: parts.len() })
}

/// What is left to write of a milestone of the open path. Nobody can tell which part of a server is for which milestone,
/// so the server is one part, which is written as soon as a file differs from what was handed out.
fn whole(course: &Course, module: &Module, exercise: &Exercise) -> Result<Todo> {
    let src = course.root.join(module.learner()).join("src");
    let mine = if src.is_dir() {
        files::read_tree_without(&src, &files::is_draft)?
    } else {
        files::Tree::new()
    };
    let pristine = course.pristine(module)?;
    let is_same = |(path, bytes): (&PathBuf, &Vec<u8>)| {
        mine.get(path).is_some_and(|mine| line_endings::are_same(mine, bytes))
    };
    let is_untouched = mine.len() == pristine.len() && pristine.iter().all(is_same);
    let text = course.text(module, exercise);
    let todo = text.lines().position(|line| line.contains("todo!(\"exercise"));
    let line = todo.map_or(1, |at| at + 1);
    let place = Place { file: module.learner().join(&exercise.file), line };
    let unwritten = if is_untouched { vec![String::new()] } else { Vec::new() };
    Ok(Todo { place, unwritten, parts: 1 })
}

/// The items of a stub that an exercise asks for, with their names.
fn parts_of_source(stub: &str, id: ExerciseId) -> Vec<(String, String)> {
    let items = Outline::read(stub).items.into_iter().filter(|item| item.exercise() == Some(id));
    items.map(|item| (item.name().to_owned(), stub[item.whole].to_owned())).collect()
}

/// Where an exercise begins in a text: at its mark, or else at the first item that it asks for.
fn line_of(text: &str, exercise: &Exercise) -> usize {
    let item = |name: &String| source::line_of_item(text, name, exercise.id);
    source::line_of_mark(text, exercise.id)
        .or_else(|| exercise.functions.iter().find_map(item))
        .unwrap_or(1)
}

/// The exercise that a line of the learner's file belongs to, if it belongs to one.
pub(crate) fn exercise_at(
    module: &Module,
    file: &str,
    text: &str,
    line: usize,
) -> Option<ExerciseId> {
    let is_in = |item: &Item| {
        let lines = source::line_number(text, item.whole.start)
            ..=source::line_number(text, item.whole.end.saturating_sub(1).max(item.whole.start));
        lines.contains(&line)
    };
    // A method comes after the implementation that it is in.
    let items = Outline::read(text).items;
    let item = items.iter().rev().find(|item| is_in(item))?;
    let marks = text[item.whole.clone()].lines();
    let by_mark = marks.filter(|_| item.body.is_some()).find_map(source::marked);
    let is_container = item.kind == source::ItemKind::Container;
    let by_mark = item.exercise().or(by_mark.filter(|_| !is_container));
    by_mark.or_else(|| {
        let asks = |e: &&Exercise| {
            file.ends_with(&e.file) && e.functions.iter().any(|name| name == item.name())
        };
        module.exercises.iter().find(asks).map(|exercise| exercise.id)
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const TEXT: &str = "\
//! Exercise 1.2: a title is no mark.

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

    fn exercises_at(text: &str, lines: &[usize]) -> Vec<String> {
        let module = module();
        let at = |line: &usize| exercise_at(&module, "modules/01-a/src/a.rs", text, *line);
        let ids = lines.iter().map(at);
        ids.map(|id| id.map_or("-".to_owned(), |id| id.to_string())).collect()
    }

    #[test]
    fn a_line_belongs_to_the_exercise_whose_function_it_is_in() {
        let found = exercises_at(TEXT, &[3, 5, 7, 9, 11, 13, 17, 20, 22, 24, 28, 32, 35]);
        let expected =
            ["-", "1.2", "1.2", "1.2", "1.2", "1.2", "-", "-", "1.3", "1.3", "1.5", "1.4", "1.4"];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_missing_brace_does_not_move_what_follows_into_another_exercise() {
        let text = TEXT.replacen(
            "        oops\n    }\n    inner();",
            "        if x {\n    }\n    i();",
            1,
        );
        assert_eq!(exercises_at(&text, &[11, 17, 24, 28, 35]), ["1.2", "-", "1.3", "1.5", "1.4"]);
    }

    #[test]
    fn an_exercise_without_its_mark_is_found_by_name() {
        let module = module();
        let exercise = &module.exercises[0];
        assert_eq!(line_of("fn a() {}\n    pub(crate) fn third(&self)\n", exercise), 2);
        assert_eq!(line_of("fn a() {}\nfn third() {\n // Exercise 1.5: x\n", exercise), 3);
        assert_eq!(line_of("", exercise), 1);
    }

    #[test]
    fn a_server_of_ones_own_is_begun_once_a_file_differs() {
        let folder = tempfile::tempdir().unwrap();
        let text = "module = \"open\"\npackage = \"open\"\ntitle = \"\"\nsection = \"\"\n\
                    [[exercise]]\nid = \"open.1\"\ntitle = \"\"\nsection = \"\"\nfile = \"src/server.rs\"\n\
                    points = 1\nminutes = 1\nhints = []\n";
        let open: Module = toml_edit::de::from_str(text).unwrap();
        let root = folder.path().to_path_buf();
        let course = Course { root: root.clone(), modules: vec![open], others: Vec::new() };
        let todo = || todo(&course, &course.modules[0], &course.modules[0].exercises[0]).unwrap();
        let write = |path: &str, text: &str| {
            files::write(&root.join(path), text.as_bytes()).unwrap();
        };
        let stub = "struct Server;\n\nfn new() {\n    todo!(\"exercise open.1\")\n}\n";
        write(".pristine/open/src/server.rs", stub);
        write("modules/open/src/server.rs", &stub.replace('\n', "\r\n"));
        assert!(todo().is_untouched());
        assert_eq!(todo().place.to_string(), "modules/open/src/server.rs:4");
        write("modules/open/src/log.rs", "struct Log;\n");
        assert!(!todo().is_untouched(), "a new file is part of it");
        fs::remove_file(root.join("modules/open/src/log.rs")).unwrap();
        write("modules/open/src/server.rs", "struct Server(u8);\n");
        assert!(!todo().is_untouched());
        assert_eq!(todo().place.line, 1);
    }

    #[test]
    fn an_untouched_stub_is_untouched_whatever_ends_its_lines() {
        let folder = tempfile::tempdir().unwrap();
        let stub = "fn first() {}\n\nfn third() {\n    // Exercise 1.5: x\n    todo!()\n}\n";
        let root = folder.path().to_path_buf();
        let course = Course { root, modules: vec![module()], others: Vec::new() };
        let write = |path: &str, text: &str| {
            files::write(&folder.path().join(path), text.as_bytes()).unwrap();
        };
        let todo = || todo(&course, &course.modules[0], &course.modules[0].exercises[0]).unwrap();
        write(".pristine/01-a/src/a.rs", stub);
        for text in [stub.to_owned(), stub.replace('\n', "\r\n")] {
            write("modules/01-a/src/a.rs", &text);
            assert!(todo().is_untouched(), "{text:?}");
            assert_eq!(todo().place.line, 4);
            write("modules/01-a/src/a.rs", &text.replace("todo!()", "1"));
            assert!(!todo().is_untouched(), "{text:?}");
        }
        // A file that is not text has lines all the same.
        fs::write(
            folder.path().join("modules/01-a/src/a.rs"),
            [b"\xff\n", stub.as_bytes()].concat(),
        )
        .unwrap();
        assert_eq!(todo().place.line, 5);
    }
}
