//! Which submissions have passages in common: sources for other tools to compare, and a first ranking.
//!
//! A place in the ranking is a reason to look, and no verdict.

mod extract;
mod rank;
mod winnow;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};
use xtask::files::{self, Tree};
use xtask::say;
use xtask::tree::Course;

use self::extract::{Unit, units};
use self::rank::{Pair, ranking};
use crate::intake;
use crate::report;
use crate::run;
use crate::submissions::Submission;

/// The folder in `--out`.
const FOLDER: &str = "originality";

/// How many pairs are printed.
const SHOWN: usize = 10;

/// Exports what each student has written for each exercise, and ranks the pairs of students by what they have in common.
///
/// # Errors
/// If no submission can be read, or a file cannot be written.
pub(crate) fn run(course: &Course, due: &[Submission], out: &Path) -> Result<()> {
    let places = run::places(course)?;
    let given = Given::of(course)?;
    let mut written: BTreeMap<Unit, BTreeMap<String, String>> = BTreeMap::new();
    let mut read = 0;
    for submission in due {
        match intake::read(&submission.path, &places) {
            Err(error) => say!("{}: not compared: {error:#}", submission.student),
            Ok(intake) => {
                read += 1;
                for (unit, text) in units(course, &given.files, &intake.files) {
                    written.entry(unit).or_default().insert(submission.student.clone(), text);
                }
            }
        }
    }
    ensure!(read > 0, "no submission can be read");
    let folder = out.join(FOLDER);
    files::sync_tree(&folder, &export(course, &given, &written), &|_| false)?;
    let pairs = ranking(&written, &given.text);
    files::write(&folder.join("pairs.csv"), table(&pairs).as_bytes())?;
    tell(&pairs, read, &folder);
    Ok(())
}

/// What students were given, by path from the root, and all of it as one text.
struct Given {
    files: Tree,
    text: String,
}

impl Given {
    fn of(course: &Course) -> Result<Self> {
        let mut files = Tree::new();
        for module in course.all() {
            let src = module.learner().join("src");
            let stubs = course.pristine(module)?.into_iter();
            files.extend(stubs.map(|(path, bytes)| (src.join(path), bytes)));
        }
        let texts: Vec<String> =
            files.values().map(|bytes| String::from_utf8_lossy(bytes).into_owned()).collect();
        Ok(Given { files, text: texts.join("\n") })
    }
}

/// The folders that JPlag and Dolos read: `2.3/students/NAME/vote.rs`, and `2.3/given/vote.rs` to leave out.
fn export(
    course: &Course,
    given: &Given,
    written: &BTreeMap<Unit, BTreeMap<String, String>>,
) -> Tree {
    let mut tree = Tree::new();
    for (unit, students) in written {
        let folder = PathBuf::from(unit.folder());
        let name = unit.file_name();
        for (student, text) in students {
            let place = run::folder_name(student);
            tree.insert(folder.join("students").join(place).join(&name), text.clone().into());
        }
        let stub = units(course, &given.files, &given.files).remove(unit);
        let whole = unit.given(&given.files).or(stub).unwrap_or_default();
        tree.insert(folder.join("given").join(&name), whole.into_bytes());
    }
    tree
}

fn table(pairs: &[Pair]) -> String {
    let header =
        ["student", "other", "common passages", "most in", "there", "of"].map(str::to_owned);
    let mut lines = vec![report::csv_line(&header)];
    for pair in pairs {
        let most = &pair.most;
        let fields = [
            pair.one.clone(),
            pair.other.clone(),
            pair.common.to_string(),
            most.unit.folder(),
            most.common.to_string(),
            most.of.to_string(),
        ];
        lines.push(report::csv_line(&fields));
    }
    lines.concat()
}

fn tell(pairs: &[Pair], read: usize, folder: &Path) {
    say!("{read} submissions compared. {}", folder.join("pairs.csv").display());
    if pairs.is_empty() {
        say!("No two have a passage in common that few others have.");
        return;
    }
    say!("Most passages in common that few others have:");
    for pair in pairs.iter().take(SHOWN) {
        let most = &pair.most;
        say!(
            "  {} and {}: {} ({} of {} in {})",
            pair.one,
            pair.other,
            pair.common,
            most.common,
            most.of,
            most.unit.folder()
        );
    }
    say!("A pair here is a reason to read both, and no verdict.");
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTE: &str = "modules/02-election/src/vote.rs";

    fn course() -> Course {
        Course::load(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap()
    }

    /// Submissions of a class: the reference's `vote.rs`, each changed in another way.
    fn class(folder: &Path, texts: &[(&str, String)]) -> Vec<Submission> {
        let mut due = Vec::new();
        for (student, text) in texts {
            let path = folder.join(student);
            files::write(&path.join(VOTE), text.as_bytes()).unwrap();
            due.push(Submission { student: (*student).to_owned(), path });
        }
        due
    }

    /// A body of 2.3 with a passage that nobody else has.
    fn body(stub: &str, passage: &str) -> String {
        stub.replacen("todo!(\"exercise 2.3\")", passage, 1)
    }

    #[test]
    fn a_copy_with_other_names_and_comments_is_first() {
        let course = course();
        let module = course.module("2").unwrap();
        let stub = course.pristine(module).unwrap().remove(Path::new("vote.rs")).unwrap();
        let stub = String::from_utf8(stub).unwrap();
        let own = "let fresh = request.term >= node.term;\nmatch (fresh, node.voted_for) {\n(true, None) => grant(node, \
                   request, out),\n(true, Some(chosen)) if chosen == request.candidate => again(node),\n_ => refuse(node), }";
        let copied = own
            .replace("fresh", "is_new")
            .replace("chosen", "it")
            .replace("=> again", "=> /* me */ again");
        let others = [
            "if request.term < node.term { return reply(node, false); }\nlet free = node.voted_for.is_none();\nreply(node, free)",
            "let answer = [a, b, c].iter().all(|rule| rule(node, request));\nif answer { node.vote(request) }\nwrap(answer)",
            "for rule in RULES { if !rule(node) { return Reply::no(node.term) } }\nloop { break Reply::yes(node.term); }",
        ];
        let mut texts = vec![("ada", body(&stub, own)), ("zoe", body(&stub, &copied))];
        texts.extend(["ben", "cem", "dan"].into_iter().zip(others.map(|text| body(&stub, text))));
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        run(&course, &class(&folder.path().join("in"), &texts), &out).unwrap();
        let table = std::fs::read_to_string(out.join("originality/pairs.csv")).unwrap();
        let first = table.lines().nth(1).unwrap();
        assert!(first.starts_with("ada,zoe,") && first.contains(",2.3,"), "{table}");
        let exported = out.join("originality/2.3/students/zoe/vote.rs");
        let exported = std::fs::read_to_string(exported).unwrap();
        assert!(exported.contains("is_new") && !exported.contains("/* me */"), "{exported}");
        assert!(!exported.contains("fn is_up_to_date"), "{exported}");
        let given = out.join("originality/2.3/given/vote.rs");
        assert!(std::fs::read_to_string(given).unwrap().contains("todo!(\"exercise 2.3\")"));
    }

    #[test]
    fn what_was_given_is_nobodys() {
        let course = course();
        let module = course.module("2").unwrap();
        let stub = course.pristine(module).unwrap().remove(Path::new("vote.rs")).unwrap();
        let stub = String::from_utf8(stub).unwrap();
        let texts = ["ada", "ben", "cem"].map(|name| (name, stub.clone() + "\n"));
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        run(&course, &class(&folder.path().join("in"), &texts), &out).unwrap();
        let table = std::fs::read_to_string(out.join("originality/pairs.csv")).unwrap();
        assert_eq!(table.lines().count(), 1, "{table}");
    }
}
