//! Learners' files in newer courses.

mod survives;

use super::*;

const FILE: &str = "modules/02-a/src/a.rs";

const BASE: &str = "\
//! Docs.

use p::{A, B};

/// First.
pub fn first(a: A) -> B {
    // Exercise 2.1: write it.
    todo!(\"exercise 2.1\")
}

/// Given.
pub fn given() -> u8 {
    1
}

impl Log {
    /// Second.
    fn second(&self) -> u8 {
        // Exercise 2.2: write it.
        todo!(\"exercise 2.2\")
    }
}

// Exercise 2.3: a type.
/// Third.
pub enum Third {}
";

fn tree(files: &[(&str, &str)]) -> Tree {
    files.iter().map(|(path, text)| (PathBuf::from(path), text.as_bytes().to_vec())).collect()
}

fn moved(base: &[(&str, &str)], mine: &[(&str, &str)], new: &[(&str, &str)]) -> Moves {
    let versions = Versions { base: tree(base), mine: tree(mine), new: tree(new) };
    moves(&versions, &Listing::default(), &Listing::default()).unwrap()
}

/// The file in the newer course, and what has no place in it: what and why.
fn merged(mine: &str, new: &str) -> (String, Vec<(String, String)>) {
    let moves = moved(&[(FILE, BASE)], &[(FILE, mine)], &[(FILE, new)]);
    let text = moves.changes.get(Path::new(FILE)).map_or(mine.to_owned(), |new| {
        String::from_utf8(new.clone().expect("the file is removed")).unwrap()
    });
    let misfits = moves.misfits.into_values().flatten().map(|misfit| (misfit.what, misfit.why));
    (text, misfits.collect())
}

fn written(text: &str) -> String {
    text.replace("    todo!(\"exercise 2.1\")", "    // Mine.\n    a.into()")
        .replace("todo!(\"exercise 2.2\")", "let x = \"}\";\n        x.len()")
        .replace("Third {}", "Third {\n    One,\n}")
}

#[test]
fn bodies_move_and_everything_else_is_the_new_courses() {
    let new = BASE
        .replace("write it", "write it well")
        .replace("/// First.", "/// The first.")
        .replace("    1\n", "    2\n")
        .replace("//! Docs.", "//! New docs.\n\npub struct Given;");
    assert_eq!(merged(&written(BASE), &new), (written(&new), Vec::new()));
    assert_eq!(merged(BASE, &new), (new.clone(), Vec::new()));
    assert_eq!(merged(&written(BASE), BASE), (written(BASE), Vec::new()));
}

#[test]
fn line_endings_and_a_byte_order_mark_do_not_matter() {
    let windows = |text: &str| text.replace('\n', "\r\n");
    let new = BASE.replace("write it", "write it well");
    assert_eq!(merged(&windows(&written(BASE)), &new), (windows(&written(&new)), Vec::new()));
    let marked = format!("\u{feff}{}", written(BASE));
    assert_eq!(merged(&marked, &new), (written(&new), Vec::new()));
}

#[test]
fn what_the_learner_has_added_moves_along() {
    let mine = written(BASE)
        .replace("use p::{A, B};", "use p::{A, B, C};\nuse q::d as e;")
        .replace("/// Given.", "/// Helps.\nfn helper() {}\n\n/// Given.")
        .replace("impl Log {\n", "impl Log {\n    fn zeroth(&self) {}\n\n")
        .replace(
            "// Exercise 2.3",
            "impl Mine for Log {\n    fn m(&self) {}\n}\n\n// Exercise 2.3",
        )
        + "\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
    let new =
        BASE.replace("use p::{A, B};", "use p::{A, B, Z};").replace("/// Given.\n", "/// New.\n");
    let (text, misfits) = merged(&mine, &new);
    assert_eq!(misfits, []);
    let expected = written(&new)
        .replace("use p::{A, B, Z};", "use p::{A, B, Z};\nuse p::C;\nuse q::d as e;")
        .replace("/// New.", "/// Helps.\nfn helper() {}\n\n/// New.")
        .replace("impl Log {\n", "impl Log {\n    fn zeroth(&self) {}\n\n")
        .replace(
            "// Exercise 2.3",
            "impl Mine for Log {\n    fn m(&self) {}\n}\n\n// Exercise 2.3",
        )
        + "\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
    assert_eq!(text, expected);
}

#[test]
fn a_changed_signature_a_new_name_and_a_removed_exercise_are_reported() {
    let new = BASE.replace("first(a: A)", "first(a: A, b: B)");
    let (text, misfits) = merged(&written(BASE), &new);
    assert_eq!(misfits, [("`first`".to_owned(), "its signature has changed".to_owned())]);
    assert_eq!(
        text,
        written(&new).replace("    // Mine.\n    a.into()", "    todo!(\"exercise 2.1\")")
    );

    let new = BASE.replace("fn second", "fn other");
    let (_, misfits) = merged(&written(BASE), &new);
    let why = "the new course has no exercise of this name; `Log::other` has the same signature";
    assert_eq!(misfits, [("`Log::second`".to_owned(), why.to_owned())]);

    let new = BASE.split("// Exercise 2.3").next().unwrap();
    let (_, misfits) = merged(&written(BASE), new);
    let why = "the new course has no exercise of this name";
    assert_eq!(misfits, [("`Third`".to_owned(), why.to_owned())]);

    let given = BASE.replace(
        "        // Exercise 2.2: write it.\n        todo!(\"exercise 2.2\")",
        "        7",
    );
    let (_, misfits) = merged(&written(BASE), &given);
    assert_eq!(misfits[0].0, "`Log::second`");
    assert!(misfits[0].1.contains("no exercise any more"), "{misfits:?}");
}

#[test]
fn a_signature_that_only_the_learner_has_changed_stays() {
    let mine = written(BASE).replace("first(a: A)", "first(mut a: A)");
    let new = BASE.replace("write it", "write it well");
    let (text, misfits) = merged(&mine, &new);
    assert_eq!(
        (text, misfits),
        (written(&new).replace("first(a: A)", "first(mut a: A)"), Vec::new())
    );
}

#[test]
fn edited_given_code_and_loose_lines_are_reported() {
    let mine = BASE
        .replace("    1\n", "    41\n")
        .replace("/// Given.", "// A note of mine.\n\n/// Given.");
    let (text, misfits) = merged(&mine, BASE);
    assert_eq!(text, BASE);
    let names: Vec<&str> = misfits.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(names, ["`given`", "other lines"]);
}

#[test]
fn a_name_that_the_new_course_uses_itself_is_reported() {
    let mine = format!("{BASE}\nfn helper() {{ 1; }}\n")
        .replace("use p::{A, B};", "use p::{A, B};\nuse q::C;");
    let new =
        format!("{BASE}\nfn helper() {{ 2; }}\n").replace("use p::{A, B};", "use p::{A, B, C};");
    let (text, misfits) = merged(&mine, &new);
    assert_eq!(text, new);
    let names: Vec<&str> = misfits.iter().map(|(what, _)| what.as_str()).collect();
    assert_eq!(names, ["`helper`", "`use q::C;`"]);
}

#[test]
fn a_function_is_found_in_another_file_if_there_is_one_that_it_can_be() {
    let (old, new) = ("modules/06-b/src/change.rs", "modules/07-c/src/change.rs");
    let stub =
        "pub fn row(node: &mut Node) {\n    // Exercise 6.1: x\n    todo!(\"exercise 6.1\")\n}\n";
    let mine = stub.replace("todo!(\"exercise 6.1\")", "node.go();") + "\nfn helper() {}\n";
    let stub7 = stub.replace("6.1", "7.1");
    let moves = moved(&[(old, stub)], &[(old, &mine)], &[(new, &stub7)]);
    let text = moves.changes[Path::new(new)].clone().unwrap();
    assert_eq!(
        String::from_utf8(text).unwrap(),
        stub7.replace("todo!(\"exercise 7.1\")", "node.go();")
    );
    assert_eq!(moves.changes[Path::new(old)], None);
    let misfit = &moves.misfits[Path::new(old)];
    assert_eq!((misfit.len(), misfit[0].what.as_str()), (1, "`helper`"));
    // Two places: nobody can tell which.
    let third = "modules/08-d/src/change.rs";
    let moves = moved(&[(old, stub)], &[(old, &mine)], &[(new, &stub7), (third, &stub7)]);
    assert_eq!(moves.misfits[Path::new(old)].len(), 2);
    // The file has been renamed within the module, and there is another of this name elsewhere.
    let renamed = "modules/06-b/src/changes.rs";
    let moves = moved(&[(old, stub)], &[(old, &mine)], &[(new, &stub7), (renamed, stub)]);
    assert!(moves.moved.contains_key(Path::new(renamed)), "{:?}", moves.moved);
}

#[test]
fn own_files_stay_unless_the_new_course_needs_their_place() {
    let own = "modules/02-a/src/own.rs";
    let base = [(FILE, BASE)];
    let mine = [(FILE, BASE), (own, "mine")];
    let moves = moved(&base, &mine, &base);
    assert!(moves.changes.is_empty() && moves.misfits.is_empty());
    let moves = moved(&base, &mine, &[(FILE, BASE), (own, "given")]);
    assert_eq!(moves.changes[Path::new(own)].as_deref(), Some(&b"given"[..]));
    assert_eq!(moves.misfits[Path::new(own)][0].why, "the new course has a file of this name");
    // Neither the file nor the module is in the new course.
    let moves = moved(&base, &mine, &[("modules/03-b/src/lib.rs", "")]);
    assert_eq!(moves.changes[Path::new(own)], None);
    assert_eq!(moves.changes[Path::new(FILE)], None);
    assert_eq!(moves.misfits.len(), 1);
}

#[test]
fn a_file_that_cannot_be_taken_apart_stops_the_update() {
    for (mine, why) in [
        (BASE.replace("    1\n}", "    1\n").into_bytes(), "is never closed"),
        ([b"// \xff\n", BASE.as_bytes()].concat(), "line 1: it is not UTF-8 text"),
    ] {
        let mine = Tree::from([(PathBuf::from(FILE), mine)]);
        let versions = Versions { base: tree(&[(FILE, BASE)]), mine, new: tree(&[(FILE, BASE)]) };
        let said = moves(&versions, &Listing::default(), &Listing::default()).unwrap_err();
        let said = format!("{said:#}");
        assert!(said.starts_with(FILE) && said.contains(why), "{said}");
    }
}
