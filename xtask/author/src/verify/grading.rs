//! Grading a class: students whose marks are known beforehand, and those who cheat.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};
use course::{ExerciseId, Module};
use serde_json::Value;
use xtask::files;

use super::workshop::{Tree, Workshop};

/// The modules that are graded here.
const MODULES: &str = "0-2";

/// A class, and where it is.
struct Class<'a> {
    workshop: &'a Workshop,
    submissions: PathBuf,
    /// What a student has who has solved everything.
    solved: Tree,
}

/// A student, and what becomes of the submission.
struct Student {
    name: &'static str,
    /// The exercises that have no points although the reference solves them.
    lost: &'static [&'static str],
    /// Whether nothing is judged, and why.
    rejected: Option<&'static str>,
    /// What a report says.
    says: &'static str,
}

const VOTE: &str = "modules/02-election/src/vote.rs";
const LOG: &str = "modules/01-data-model/src/log.rs";
const RULE: &str = "(last_log_term, last_log_index) >= (log.last_term(), log.last_index())";

const NOTHING_JUDGED: &[&str] = &[];

/// Students, in the order of their names.
const STUDENTS: [Student; 9] = [
    judged("ada", &[], ""),
    rejected("bad", "cannot be used"),
    rejected("bundled", "which no exercise needs"),
    rejected("eve", "which no exercise needs"),
    rejected("imported", "which no exercise needs"),
    judged("inès \"o'neil\"", &["2.2", "2.3", "2.5", "2.7"], "however short the log"),
    judged("linked", &[], "only files are judged"),
    judged("printed", &["2.2", "2.3", "2.5", "2.6", "2.7", "2.8"], "ended its process"),
    rejected("zero", "no folder modules/"),
];

const fn judged(name: &'static str, lost: &'static [&'static str], says: &'static str) -> Student {
    Student { name, lost, rejected: None, says }
}

const fn rejected(name: &'static str, reason: &'static str) -> Student {
    Student { name, lost: NOTHING_JUDGED, rejected: Some(reason), says: reason }
}

pub(super) fn run(workshop: &Workshop) -> Result<()> {
    workshop.tidy()?;
    let grades = workshop.lab().join("grades");
    let _ = fs::remove_dir_all(grades.join("students"));
    let class = Class::hand_in(workshop)?;
    let before = files::read_tree(&class.submissions)?;
    let grade = |more: &[&str]| {
        let submissions = class.submissions.to_string_lossy().into_owned();
        let out = grades.to_string_lossy().into_owned();
        let words = ["grade", &submissions, "--out", &out, "--modules", MODULES, "--jobs", "1"];
        workshop.xtask(&[&words, more].concat())
    };
    if let Err(reason) = isolated(&grade)? {
        ensure!(std::env::var_os("CI").is_none(), "grading cannot be tested: {reason}");
        xtask::say_aside!("  grading is not tested here: {reason}");
        return Ok(());
    }
    for student in &STUDENTS {
        class.has_the_marks(student, &grades)?;
    }
    ensure!(files::read_tree(&class.submissions)? == before, "grading has changed a submission");
    let table = fs::read(grades.join("grades.csv"))?;
    let page = fs::read(grades.join("index.html"))?;
    grade(&["--resume"])?.expect(1, &["9 students", "need a look"])?;
    ensure!(table == fs::read(grades.join("grades.csv"))?, "resuming has changed the table");
    ensure!(page == fs::read(grades.join("index.html"))?, "a finished submission was graded again");
    let merged = workshop.lab().join("merged").to_string_lossy().into_owned();
    let out = grades.to_string_lossy().into_owned();
    workshop.xtask(&["grade", "merge", &out, "--out", &merged])?.expect(1, &["9 students"])?;
    ensure!(table == fs::read(Path::new(&merged).join("grades.csv"))?, "merging changes the table");
    workshop.xtask(&["grade", "compare", &out, &merged])?.expect(0, &["the same points"])?;
    Ok(())
}

/// Grades the class, if this machine can isolate submissions; otherwise, why it cannot.
fn isolated(
    grade: &dyn Fn(&[&str]) -> Result<super::workshop::Said>,
) -> Result<Result<(), String>> {
    let said = grade(&[])?;
    if said.text.contains("--trust") {
        return Ok(Err("bubblewrap and prlimit are needed".to_owned()));
    }
    said.expect(1, &["9 students", "need a look"])?;
    Ok(Ok(()))
}

impl<'a> Class<'a> {
    /// Makes the submissions.
    fn hand_in(workshop: &'a Workshop) -> Result<Self> {
        let submissions = workshop.lab().join("submissions");
        let _ = fs::remove_dir_all(&submissions);
        let mut solved = Tree::new();
        for module in workshop.course().modules.iter().filter(|module| is_graded(module)) {
            let all = module.exercises.iter().map(|exercise| exercise.id).collect::<BTreeSet<_>>();
            let src = module.learner().join("src");
            let files = workshop.stub(module, &all)?.into_iter();
            solved.extend(files.map(|(path, bytes)| (src.join(path), bytes)));
        }
        let class = Class { workshop, submissions, solved };
        class.write("ada", &class.solved)?;
        fs::write(class.submissions.join("bad.zip"), "PK\u{3}\u{4} no archive")?;
        class.bundle()?;
        let outside = "#[path = \"../../../solutions/02-election/src/lib.rs\"]\nmod reference;\n";
        class.write("eve", &class.with(VOTE, "", outside)?)?;
        let imported = "const _: &[u8] = include_bytes!(\"/etc/passwd\");\n";
        class.write("imported", &class.with(VOTE, "", imported)?)?;
        let shorter = class.with(VOTE, RULE, "last_log_index >= log.last_index()")?;
        class.write("inès \"o'neil\"", &shorter)?;
        class.write("linked", &class.solved)?;
        class.link("linked")?;
        let printed = format!(
            "println!(\"{{{{\\\"report\\\":{{{{\\\"outcome\\\":\\\"passed\\\"}}}}}}}}\"); std::process::exit(0); {RULE}"
        );
        class.write("printed", &class.with(VOTE, RULE, &printed)?)?;
        files::write(&class.submissions.join("zero/vote.rs"), b"fn f() {}")?;
        Ok(class)
    }

    fn write(&self, student: &str, tree: &Tree) -> Result<()> {
        for (path, bytes) in tree {
            files::write(&self.submissions.join(student).join(path), bytes)?;
        }
        Ok(())
    }

    /// The solved files, with `from` replaced by `to` in one of them; at its end if `from` is empty.
    fn with(&self, path: &str, from: &str, to: &str) -> Result<Tree> {
        let mut tree = self.solved.clone();
        let bytes = tree.get_mut(Path::new(path)).with_context(|| format!("no {path}"))?;
        let text = String::from_utf8_lossy(bytes).into_owned();
        ensure!(text.contains(from), "{path} has no `{from}` to change for this test");
        let text = match from {
            "" => format!("{text}\n{to}"),
            _ => text.replacen(from, to, 1),
        };
        *bytes = text.into_bytes();
        Ok(tree)
    }

    /// A file that is a link to something on the instructor's machine.
    #[cfg(unix)]
    fn link(&self, student: &str) -> Result<()> {
        let place = self.submissions.join(student).join("modules/02-election/src/extra.rs");
        std::os::unix::fs::symlink("/etc/passwd", place).context("cannot make a link")
    }

    #[cfg(not(unix))]
    fn link(&self, _student: &str) -> Result<()> {
        Ok(())
    }

    /// A git bundle, of a submission that reads a variable while it is built.
    fn bundle(&self) -> Result<()> {
        let work = self.workshop.lab().join("bundled");
        let _ = fs::remove_dir_all(&work);
        let tree = self.with(LOG, "", "const _: &str = env!(\"PATH\");\n")?;
        for (path, bytes) in &tree {
            files::write(&work.join(path), bytes)?;
        }
        let bundle = self.submissions.join("bundled.bundle").to_string_lossy().into_owned();
        let identity = ["-c", "user.name=Student", "-c", "user.email=student@example.org"];
        for words in [
            &["init", "--quiet", "--initial-branch=main"][..],
            &["add", "."],
            &["commit", "--quiet", "--message=Submission"],
            &["bundle", "create", "--quiet", &bundle, "HEAD", "main"],
        ] {
            let git = Command::new("git").current_dir(&work).args(identity).args(words).output();
            let git = git.context("cannot run git")?;
            ensure!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
        }
        Ok(())
    }

    /// Requires that a student has the marks that were known beforehand.
    fn has_the_marks(&self, student: &Student, grades: &Path) -> Result<()> {
        let (folder, result) = stored(student.name, grades)?;
        let report = fs::read_to_string(folder.join("report.md"))?;
        ensure!(report.contains(student.says), "the report of {} says:\n{report}", student.name);
        let is_rejected = result["rejected"].is_string()
            || result["findings"].as_array().is_some_and(|findings| !findings.is_empty());
        ensure!(is_rejected == student.rejected.is_some(), "{}: {report}", student.name);
        let modules = result["modules"].as_array().into_iter().flatten();
        let exercises = modules.filter_map(|module| module["exercises"].as_array()).flatten();
        let mut earned: Vec<(ExerciseId, f64)> = Vec::new();
        for exercise in exercises {
            let id = exercise["id"].as_str().unwrap_or_default().parse()?;
            earned.push((id, exercise["earned"].as_f64().unwrap_or_default()));
        }
        for module in self.workshop.course().modules.iter().filter(|module| is_graded(module)) {
            for exercise in module.core() {
                let is_lost = is_rejected || student.lost.contains(&&*exercise.id.to_string());
                let expected = if is_lost { 0.0 } else { f64::from(exercise.points) };
                let found =
                    earned.iter().find(|(id, _)| *id == exercise.id).map(|(_, points)| points);
                let is_right = found.is_some_and(|points| (points - expected).abs() < 0.01);
                ensure!(
                    is_right,
                    "{}: {} has {found:?} points, not {expected}:\n{report}",
                    student.name,
                    exercise.id
                );
            }
        }
        Ok(())
    }
}

/// A student's folder and stored result.
fn stored(student: &str, grades: &Path) -> Result<(PathBuf, Value)> {
    let students = grades.join("students");
    for name in files::names(&students)? {
        let folder = students.join(name);
        let bytes = fs::read(folder.join("result.json"))?;
        let result: Value = serde_json::from_slice(&bytes)?;
        if result["student"] == student {
            return Ok((folder, result));
        }
    }
    bail!("{student} has no result")
}

fn is_graded(module: &Module) -> bool {
    module.number() <= 2
}
