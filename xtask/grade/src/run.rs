//! Grades what is due, with several workers.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use twox_hash::XxHash3_128;
use xtask::files::{self, Tree};
use xtask::tree::Course;
use xtask::verdict;

use crate::intake::{self, Intake, Places};
use crate::report;
use crate::result::{StudentResult, VERSION};
use crate::scan;
use crate::submissions::Submission;
use crate::worker::{Rules, Variant, Worker};

/// What one run of the grader does.
pub(crate) struct Run<'a> {
    pub(crate) course: &'a Course,
    pub(crate) rules: &'a Rules,
    /// Where the reports go.
    pub(crate) out: &'a Path,
    pub(crate) workers: usize,
    /// Whether results that are there are kept if nothing has changed that they depend on.
    pub(crate) resume: bool,
}

/// Where a result is stored, in a student's folder.
const STORED: &str = "result.json";

impl Run<'_> {
    /// Grades submissions, and writes each student's reports. Returns the results by student.
    ///
    /// # Errors
    /// If a tree cannot be made, or a report cannot be written. What is graded by then is stored.
    pub(crate) fn grade(&self, due: Vec<Submission>) -> Result<Vec<StudentResult>> {
        let judge = self.judge_fingerprint()?;
        let places = places(self.course)?;
        let count = due.len();
        let queue: Mutex<VecDeque<Submission>> = Mutex::new(due.into());
        let next = || -> Result<Option<Submission>> {
            Ok(queue.lock().map_err(|_| anyhow!("a worker has panicked"))?.pop_front())
        };
        let done: Mutex<Vec<StudentResult>> = Mutex::new(Vec::new());
        thread::scope(|scope| {
            let work = |number: usize| -> Result<()> {
                let folder = self.out.join(".workers").join(number.to_string());
                let mut worker = None;
                while let Some(submission) = next()? {
                    let read = intake::read(&submission.path, &places);
                    let variant = self.rules.variant_of(&submission.student);
                    let fingerprint = fingerprint(judge, variant, &read);
                    let result =
                        if let Some(stored) = self.stored(&submission.student, &fingerprint) {
                            stored
                        } else {
                            if worker.is_none() {
                                worker = Some(Worker::new(self.course, &folder, self.rules)?);
                            }
                            let worker = worker.as_ref().context("a worker has a tree")?;
                            self.grade_one(worker, &submission, read, fingerprint)?
                        };
                    let mut done = done.lock().map_err(|_| anyhow!("a worker has panicked"))?;
                    done.push(result);
                    tell_progress(done.len(), count, done.last());
                }
                Ok(())
            };
            let threads: Vec<_> = (1..=self.workers.clamp(1, count.max(1)))
                .map(|number| scope.spawn(move || work(number)))
                .collect();
            threads.into_iter().try_for_each(|thread| {
                thread.join().map_err(|_| anyhow!("a worker has panicked"))?
            })
        })?;
        let mut results = done.into_inner().map_err(|_| anyhow!("a worker has panicked"))?;
        results.sort_by(|a, b| a.student.cmp(&b.student));
        Ok(results)
    }

    fn grade_one(
        &self,
        worker: &Worker<'_>,
        submission: &Submission,
        read: Result<Intake>,
        fingerprint: String,
    ) -> Result<StudentResult> {
        let begun = Instant::now();
        let mut result = StudentResult {
            version: VERSION,
            student: submission.student.clone(),
            fingerprint,
            seed: self.rules.variant_of(&submission.student).seed,
            rejected: None,
            left_out: Vec::new(),
            findings: Vec::new(),
            modules: Vec::new(),
            seconds: 0.0,
        };
        match read {
            Err(error) => {
                result.rejected = Some(format!("{error:#}"));
                result.modules = worker.reject();
            }
            Ok(intake) => {
                result.left_out = intake.rejected;
                let files = intake.files.iter();
                result.findings = files.flat_map(|(path, bytes)| scan::scan(path, bytes)).collect();
                result.modules = if result.findings.is_empty() {
                    worker.judge(&intake.files, self.rules.variant_of(&submission.student))?
                } else {
                    worker.reject()
                };
            }
        }
        result.seconds = begun.elapsed().as_secs_f64();
        store(self.out, &result, self.course)?;
        Ok(result)
    }

    /// The result of an earlier run, if it still holds.
    fn stored(&self, student: &str, fingerprint: &str) -> Option<StudentResult> {
        let bytes = fs::read(student_folder(self.out, student).join(STORED)).ok()?;
        let result: StudentResult = serde_json::from_slice(&bytes).ok()?;
        let holds = result.version == VERSION && result.fingerprint == fingerprint;
        (self.resume && holds).then_some(result)
    }

    /// A digest of what all results depend on.
    fn judge_fingerprint(&self) -> Result<u128> {
        let mut hasher = XxHash3_128::new();
        hasher.write(verdict::judge_list(self.course)?.as_bytes());
        // What a seed and a secret make of a student is part of that student's fingerprint.
        let Rules { modules, seed: _, secret: _, scenarios, scoring, isolation: _ } = self.rules;
        hasher.write(format!("{modules:?} {scoring:?}").as_bytes());
        if let Some(scenarios) = scenarios {
            write_tree(&mut hasher, &files::read_tree(scenarios)?);
        }
        Ok(hasher.finish_128())
    }
}

/// Where the exercises of a course are written.
///
/// # Errors
/// If the stubs cannot be read.
pub(crate) fn places(course: &Course) -> Result<Places> {
    let mut stubs = Vec::new();
    for module in course.all() {
        let src = module.learner().join("src");
        stubs.extend(course.pristine(module)?.into_keys().map(|path| src.join(path)));
    }
    Ok(Places::new(course.all(), &stubs))
}

/// Writes a student's reports and then the result itself, so that a result that is stored has its reports.
///
/// # Errors
/// If a file cannot be written.
pub(crate) fn store(out: &Path, result: &StudentResult, course: &Course) -> Result<()> {
    let folder = student_folder(out, &result.student);
    report::write_student(&folder, result, course)?;
    files::write(&folder.join(STORED), &serde_json::to_vec_pretty(result)?)
}

/// The stored results of earlier runs, by student.
///
/// # Errors
/// If a folder has none, a result cannot be read, or two runs have graded the same student.
pub(crate) fn stored_in(folders: &[PathBuf]) -> Result<Vec<StudentResult>> {
    let mut results: Vec<StudentResult> = Vec::new();
    for folder in folders {
        let students = folder.join("students");
        let names = files::names(&students)
            .with_context(|| format!("{} holds no results of `grade`", folder.display()))?;
        for name in names {
            let path = students.join(name).join(STORED);
            let bytes =
                fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let result: StudentResult = serde_json::from_slice(&bytes)
                .with_context(|| format!("{} is not a result", path.display()))?;
            ensure!(
                result.version == VERSION,
                "{} has version {}, and this grader reads {VERSION}",
                path.display(),
                result.version
            );
            let twice = results.iter().any(|other| other.student == result.student);
            ensure!(!twice, "{} was graded in two of these folders", result.student);
            results.push(result);
        }
    }
    results.sort_by(|a, b| a.student.cmp(&b.student));
    Ok(results)
}

fn tell_progress(number: usize, count: usize, result: Option<&StudentResult>) {
    let Some(result) = result else { return };
    let (earned, points) = result.points();
    let look = if result.needs_a_look().is_empty() { "" } else { ", needs a look" };
    xtask::say!("[{number}/{count}] {}: {earned} of {points} points{look}", result.student);
}

/// A digest of everything that a student's result depends on, in hexadecimal.
fn fingerprint(judge: u128, variant: Variant, read: &Result<Intake>) -> String {
    let mut hasher = XxHash3_128::new();
    hasher.write(&judge.to_le_bytes());
    hasher.write(format!("{variant:?}").as_bytes());
    match read {
        Ok(intake) => {
            write_tree(&mut hasher, &intake.files);
            hasher.write(format!("{:?}", intake.rejected).as_bytes());
        }
        Err(error) => hasher.write(format!("{error:#}").as_bytes()),
    }
    format!("{:032x}", hasher.finish_128())
}

fn write_tree(hasher: &mut XxHash3_128, tree: &Tree) {
    for (path, bytes) in tree {
        for part in [files::shown(path).as_bytes(), bytes] {
            hasher.write(&(part.len() as u64).to_le_bytes());
            hasher.write(part);
        }
    }
}

/// Where a student's reports are.
pub(crate) fn student_folder(out: &Path, student: &str) -> PathBuf {
    out.join("students").join(folder_name(student))
}

/// The name of a student's folder. A name that is no plain file name is changed, and a digest keeps it apart from others.
pub(crate) fn folder_name(student: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
    let mut name: String =
        student.chars().map(|letter| if is_plain(letter) { letter } else { '_' }).collect();
    if name != student || name.starts_with('.') {
        let digest = format!("{:032x}", XxHash3_128::oneshot(student.as_bytes()));
        name = format!("{}-{}", name.trim_start_matches('.'), &digest[..8]);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_student_has_a_folder_of_their_own() {
        let name = |student: &str| {
            let folder = student_folder(Path::new("out"), student);
            folder.strip_prefix("out/students").unwrap().to_str().unwrap().to_owned()
        };
        assert_eq!(name("ada"), "ada");
        assert_eq!(name("Jörg-2.b"), "Jörg-2.b");
        let quoted = name("O'Neil \"Bo\"");
        assert!(quoted.starts_with("O_Neil__Bo_-"), "{quoted}");
        assert_ne!(name("a/b"), name("a:b"));
        assert!(!name("..").starts_with('.'));
    }
}
