//! The submissions in a folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};

/// What a student has handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Submission {
    /// Who: the name of the folder or archive, without its ending.
    pub(crate) student: String,
    /// A folder, or a file: an archive or a git bundle.
    pub(crate) path: PathBuf,
}

/// The endings that are not part of a student's name.
const ENDINGS: [&str; 5] = [".tar.gz", ".tgz", ".tar", ".zip", ".bundle"];

/// The submissions in a folder, by student. Hidden files are skipped.
///
/// # Errors
/// If the folder cannot be read, holds nothing, or holds two submissions of one student.
pub(crate) fn find(folder: &Path) -> Result<Vec<Submission>> {
    let shown = folder.display();
    let entries = fs::read_dir(folder)
        .with_context(|| format!("{shown} cannot be read; name the folder with the submissions"))?;
    let mut found: BTreeMap<String, PathBuf> = BTreeMap::new();
    for entry in entries {
        let path = entry.with_context(|| format!("cannot read {shown}"))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let ending = ENDINGS.iter().find(|ending| name.ends_with(**ending));
        if ending.is_none() && !path.is_dir() {
            bail!(
                "{} is neither a folder nor an archive (.zip, .tar, .tar.gz) nor a git bundle (.bundle)",
                path.display()
            );
        }
        let student = name[..name.len() - ending.map_or(0, |ending| ending.len())].to_owned();
        if let Some(other) = found.insert(student.clone(), path.clone()) {
            bail!(
                "{student} has two submissions, {} and {}; remove one",
                other.display(),
                path.display()
            );
        }
    }
    ensure!(!found.is_empty(), "{shown} has no submissions");
    Ok(found.into_iter().map(|(student, path)| Submission { student, path }).collect())
}

/// A part of all submissions: the `number`th of `of` parts, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    number: usize,
    of: usize,
}

impl Shard {
    pub(crate) const WHOLE: Shard = Shard { number: 1, of: 1 };

    /// Reads `2/3`.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let parsed = text.split_once('/').and_then(|(number, of)| {
            Some(Shard { number: number.parse().ok()?, of: of.parse().ok()? })
        });
        match parsed {
            Some(shard) if (1..=shard.of).contains(&shard.number) => Ok(shard),
            _ => Err("write K/N, for example 2/3 for the second of three parts".to_owned()),
        }
    }

    /// The submissions of this part. The parts differ in size by at most one.
    pub(crate) fn of(self, all: Vec<Submission>) -> Vec<Submission> {
        let in_shard = |place: usize| place % self.of == self.number - 1;
        all.into_iter()
            .enumerate()
            .filter_map(|(place, one)| in_shard(place).then_some(one))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_student_is_named_by_the_folder_or_archive() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("ada")).unwrap();
        for name in ["bö.tar.gz", "o'neil.zip", "z.bundle", ".DS_Store"] {
            fs::write(at(name), "").unwrap();
        }
        let students: Vec<String> =
            find(folder.path()).unwrap().into_iter().map(|one| one.student).collect();
        assert_eq!(students, ["ada", "bö", "o'neil", "z"]);
        fs::write(at("ada.zip"), "").unwrap();
        let said = find(folder.path()).unwrap_err().to_string();
        assert!(said.contains("ada has two submissions"), "{said}");
        fs::remove_file(at("ada.zip")).unwrap();
        fs::write(at("notes.txt"), "").unwrap();
        let said = find(folder.path()).unwrap_err().to_string();
        assert!(said.contains("notes.txt is neither a folder nor an archive"), "{said}");
    }

    #[test]
    fn shards_are_disjoint_and_complete() {
        let all: Vec<Submission> =
            (0..10).map(|n| Submission { student: n.to_string(), path: PathBuf::new() }).collect();
        let mut parts: Vec<Submission> = Vec::new();
        for text in ["1/3", "2/3", "3/3"] {
            let part = Shard::parse(text).unwrap().of(all.clone());
            assert!((3..=4).contains(&part.len()));
            parts.extend(part);
        }
        parts.sort_by(|a, b| a.student.cmp(&b.student));
        assert_eq!(parts, all);
        for text in ["0/3", "4/3", "1", "a/b", "1/0"] {
            assert!(Shard::parse(text).is_err(), "{text}");
        }
    }
}
