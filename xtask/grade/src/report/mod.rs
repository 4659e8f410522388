//! The formats that other programs and people read. All are made from the stored results.

mod csv;
mod gradescope;
mod junit;
mod markdown;
mod page;

use std::path::Path;

use anyhow::Result;
use xtask::files;
use xtask::tree::Course;

use crate::result::StudentResult;

pub(crate) use csv::line as csv_line;

/// Writes a student's reports: a page to read, `results.json` for Gradescope, and JUnit XML.
pub(crate) fn write_student(folder: &Path, result: &StudentResult, course: &Course) -> Result<()> {
    files::write(&folder.join("report.md"), markdown::student(result, course).as_bytes())?;
    files::write(&folder.join("results.json"), &gradescope::results(result)?)?;
    files::write(&folder.join("junit.xml"), junit::suites(result)?.as_bytes())
}

/// Writes what is about all students: a table for the grade book, and a page.
pub(crate) fn write_course(out: &Path, results: &[StudentResult]) -> Result<()> {
    files::write(&out.join("grades.csv"), csv::grade_book(results).as_bytes())?;
    files::write(&out.join("index.html"), page::course(results).as_bytes())
}
