//! Whether a course can be taught as it is: its handout is complete, and its links, hours, plans and rubrics agree.

pub(crate) mod cli;
mod handout;
mod hours;
mod kit;
mod pages;
mod plan;

use std::path::Path;

use anyhow::{Context as _, Result};
use xtask::handout::Contents;
use xtask::say;
use xtask::tree::Course;

/// One thing that is looked at: what it is called, and what is wrong with it.
pub(crate) struct Part {
    pub(crate) name: &'static str,
    pub(crate) faults: Vec<String>,
}

/// Looks at a course, and at a handout of it: the one in `dir`, or a new one. Returns whether nothing is wrong.
///
/// # Errors
/// If a file of the course cannot be read.
pub(crate) fn check(course: &Course, dir: Option<&Path>) -> Result<bool> {
    let folder = tempfile::tempdir().context("cannot create a temporary folder")?;
    let dir = if let Some(dir) = dir {
        dir
    } else {
        xtask::handout::write(course, folder.path(), &Contents::default())?;
        folder.path()
    };
    let parts = parts(course, dir)?;
    for Part { name, faults } in &parts {
        let mark = if faults.is_empty() { "✔" } else { "✗" };
        say!("{mark} {name}");
        for fault in faults {
            say!("    {fault}");
        }
    }
    Ok(parts.iter().all(|part| part.faults.is_empty()))
}

/// Everything that is looked at, in a course and in the handout in `dir`.
fn parts(course: &Course, dir: &Path) -> Result<Vec<Part>> {
    let handed_out = Course::load(dir.to_path_buf())
        .with_context(|| format!("{} is no handout", dir.display()))?;
    let mut parts = vec![
        handout::complete(&handed_out)?,
        handout::silent(&handed_out.root)?,
        pages::links(&handed_out.root)?,
        hours::stated(&handed_out)?,
    ];
    // A course that was handed out has no pages for instructors.
    if course.root.join(kit::FOLDER).is_dir() {
        parts.push(plan::plans(course)?);
        parts.push(kit::rubrics(course)?);
        parts.push(kit::outcomes(course)?);
        parts.push(pages::links(&course.root.join(kit::FOLDER))?);
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use xtask::files;

    use super::*;

    #[test]
    fn this_course_can_be_taught_and_a_damaged_handout_is_noticed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let course = Course::load(root).unwrap();
        let folder = tempfile::tempdir().unwrap();
        xtask::handout::write(&course, folder.path(), &Contents::default()).unwrap();
        let faults = || -> Vec<String> {
            let parts = parts(&course, folder.path()).unwrap();
            parts.into_iter().flat_map(|part| part.faults).collect()
        };
        assert_eq!(faults(), [""; 0]);
        let vote = folder.path().join("modules/02-election/src/vote.rs");
        files::write(&vote, b"fn mine() {}\n").unwrap();
        assert_eq!(faults(), ["modules/02-election/src is not as in .pristine"]);
    }
}
