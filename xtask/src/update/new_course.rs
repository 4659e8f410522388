//! The newer course: a folder or an archive.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use course::Module;
use toml_edit::DocumentMut;

use super::listing::{Listing, listed_in};
use crate::archive;
use crate::files::{self, Tree};
use crate::tree::PRISTINE;
use crate::use_module;

/// Far more than any course takes.
const MOST_BYTES: u64 = 256 << 20;

/// A course to update to.
#[derive(Debug)]
pub(super) struct NewCourse {
    /// Its files, by their path from the root. In the modules, these are the stubs.
    pub(super) files: Tree,
    /// Its modules and exercises.
    pub(super) listing: Listing,
    /// Its version: `0.2.0`.
    pub(super) version: String,
}

impl NewCourse {
    /// Reads a course.
    ///
    /// # Errors
    /// If there is none, or it is not whole.
    pub(super) fn read(path: &Path, root: &Path) -> Result<Self> {
        let name = path.display();
        let place = fs::canonicalize(path).with_context(|| {
            format!("{name} cannot be read; name the folder or archive of the newer course")
        })?;
        let files = if place.is_dir() {
            let here = fs::canonicalize(root).unwrap_or_else(|_| root.to_path_buf());
            ensure!(
                place != here,
                "{name} is this tree itself; name the folder or archive of the newer course"
            );
            ensure!(!place.starts_with(here.join("modules")), "{name} is a part of this tree");
            folder(&place)?
        } else {
            let read = archive::read(&place, MOST_BYTES).context("Nothing was changed")?;
            without_folder(read)
        };
        Self::from_files(files).with_context(|| format!("{name} is not a course to update to"))
    }

    fn from_files(mut files: Tree) -> Result<Self> {
        for needed in
            ["Cargo.toml", "Cargo.lock", "xtask/Cargo.toml", "modules/protocol/Cargo.toml"]
        {
            ensure!(files.contains_key(Path::new(needed)), "it has no {needed}");
        }
        let listing = Listing::read(&files)?;
        let lists = files.keys().filter_map(|path| listed_in(path)).count();
        ensure!(lists > 0, "it has no tests/*/exercises.toml");
        let mut stubs = Tree::new();
        for dir in listing.dirs() {
            let pristine = Path::new(PRISTINE).join(dir).join("src");
            let src = Path::new("modules").join(dir).join("src");
            let count = stubs.len();
            stubs.extend(files.iter().filter_map(|(path, bytes)| {
                Some((src.join(path.strip_prefix(&pristine).ok()?), bytes.clone()))
            }));
            ensure!(
                stubs.len() > count,
                "it has no {}, which says how the exercises are handed out",
                files::shown(&pristine)
            );
            // Somebody may have worked there.
            files.retain(|path, _| !path.starts_with(&src));
        }
        files.extend(stubs);
        let manifest = files.get(Path::new("Cargo.toml")).map_or(&[][..], Vec::as_slice);
        let manifest =
            String::from_utf8(manifest.to_vec()).context("its Cargo.toml is not text")?;
        let version = version_in(&manifest)?;
        let manifest = use_module::all_mine(&manifest, &listing.modules()?)?;
        files.insert("Cargo.toml".into(), manifest.into_bytes());
        Ok(NewCourse { files, listing, version })
    }

    /// The modules whose reference it has: all, none, or those that are released.
    pub(super) fn with_reference(&self) -> Result<Vec<Module>> {
        let mut modules = self.listing.modules()?;
        modules.retain(|it| self.files.keys().any(|path| path.starts_with(it.solution())));
        Ok(modules)
    }
}

/// The version that a root's manifest names.
pub(super) fn version_in(manifest: &str) -> Result<String> {
    let document: DocumentMut = manifest.parse().context("its Cargo.toml is not valid TOML")?;
    let package = document.get("workspace").and_then(|workspace| workspace.get("package"));
    let version = package.and_then(|package| package.get("version")?.as_str());
    Ok(version.context("its Cargo.toml names no version")?.to_owned())
}

/// The numbers of a version, to compare: 0, 2 and 0 of `0.2.0`.
pub(super) fn numbers(version: &str) -> Vec<u64> {
    let core = version.split(['-', '+']).next().unwrap_or_default();
    core.split('.').map(|part| part.parse().unwrap_or_default()).collect()
}

/// The files of a folder.
fn folder(root: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut open = vec![PathBuf::new()];
    while let Some(folder) = open.pop() {
        for name in files::names(&root.join(&folder))? {
            let path = folder.join(&name);
            let full = root.join(&path);
            if files::is_private(&path) || name == ".git" || name == "target" {
                continue;
            }
            let kind = fs::symlink_metadata(&full)
                .with_context(|| format!("cannot read {}", full.display()))?
                .file_type();
            if kind.is_dir() {
                open.push(path);
            } else if kind.is_file() {
                let bytes =
                    fs::read(&full).with_context(|| format!("cannot read {}", full.display()))?;
                tree.insert(path, bytes);
            } else {
                bail!(
                    "{} is a link or a device, and a course has only files and folders. Nothing was changed",
                    full.display()
                );
            }
        }
    }
    Ok(tree)
}

/// The files without the folder that the course is in: archives usually have one.
fn without_folder(tree: Tree) -> Tree {
    let is_root = |path: &&PathBuf| path.ends_with("xtask/Cargo.toml");
    let found = tree.keys().filter(is_root).min_by_key(|path| path.components().count());
    let Some(folder) = found.and_then(|path| path.parent()?.parent()).map(Path::to_path_buf) else {
        return tree;
    };
    tree.into_iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix(&folder).ok()?.to_path_buf(), bytes)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFEST: &str = "[workspace.package]\nversion = \"0.2.0\"\n\n[workspace.dependencies]\na = { package = \"a-solution\", path = \"solutions/02-a\" }\n";
    const LIST: &str = "module = \"02-a\"\npackage = \"a\"\nexercise = []\n";

    fn files() -> Tree {
        let text = |path: &str, text: &str| (PathBuf::from(path), text.as_bytes().to_vec());
        Tree::from([
            text("Cargo.toml", MANIFEST),
            text("Cargo.lock", ""),
            text("xtask/Cargo.toml", ""),
            text("modules/protocol/Cargo.toml", ""),
            text("tests/02-a/exercises.toml", LIST),
            text(".pristine/02-a/src/lib.rs", "stub"),
            text("modules/02-a/src/lib.rs", "somebody's work"),
            text("modules/02-a/src/own.rs", "somebody's work"),
        ])
    }

    #[test]
    fn the_stubs_of_a_course_are_those_that_it_hands_out() {
        let course = NewCourse::from_files(files()).unwrap();
        let at = |path: &str| course.files.get(Path::new(path)).map(Vec::as_slice);
        assert_eq!(at("modules/02-a/src/lib.rs"), Some(&b"stub"[..]));
        assert_eq!(at("modules/02-a/src/own.rs"), None);
        assert!(
            course.files[Path::new("Cargo.toml")].ends_with(b"a = { path = \"modules/02-a\" }\n")
        );
        assert_eq!(course.version, "0.2.0");
    }

    #[test]
    fn a_course_that_is_not_whole_is_rejected() {
        for path in files().into_keys().filter(|path| !path.starts_with("modules/02-a")) {
            let mut files = files();
            files.remove(&path);
            let said = format!("{:#}", NewCourse::from_files(files).unwrap_err());
            assert!(said.contains("it has no"), "{said}");
        }
        let mut files = files();
        files.insert("Cargo.toml".into(), b"[workspace]\n".to_vec());
        let said = format!("{:#}", NewCourse::from_files(files).unwrap_err());
        assert!(said.contains("names no version"), "{said}");
    }

    #[test]
    fn an_archive_may_have_its_files_in_a_folder() {
        let file = |path: &str| (PathBuf::from(path), Vec::new());
        let archived = ["lab-2/README.md", "lab-2/xtask/Cargo.toml", "__MACOSX/x"].map(file);
        let tree = without_folder(Tree::from(archived));
        assert_eq!(tree, Tree::from(["README.md", "xtask/Cargo.toml"].map(file)));
    }

    #[test]
    fn versions_are_compared_by_number() {
        assert!(numbers("0.10.0") > numbers("0.9.9") && numbers("0.2.0-beta") == numbers("0.2.0"));
    }
}
