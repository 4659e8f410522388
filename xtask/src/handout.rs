//! `handout`: the learner's tree without the reference, for a course that wants to keep it back.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use toml_edit::{DocumentMut, Value};

use crate::course::{Course, Module};
use crate::{files, use_module};

/// What a handout goes without: the reference and what is judged by it, and what belongs to one
/// person's work in this tree.
pub(crate) fn is_left_out(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    // The runner's own tests need the reference, and so do those of the book.
    let needs_it = matches!(parts[..], ["tests", "bugs" | "book"] | ["xtask", "tests"]);
    needs_it || is_private(path) || matches!(parts[..], ["solutions" | ".ci"])
}

/// What is nobody's business but of who works in this tree.
pub(crate) fn is_private(path: &Path) -> bool {
    let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
    let parts: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
    let is_draft = path.extension().is_some_and(|end| end == "tmp" || end == "new");
    is_draft || matches!(parts[..], [".git" | "target" | ".progress" | ".kept"])
}

/// `cargo xtask handout`.
pub(crate) fn run(course: &Course, dir: &Path) -> Result<()> {
    course.needs_solutions("cargo xtask handout")?;
    // It is told as it was asked for.
    let name = dir.display();
    let dir = std::path::absolute(dir).with_context(|| format!("{name} is no path"))?;
    let place = real(&dir)?;
    let is_inside = place.starts_with(real(&course.root)?)
        && !place.starts_with(real(&course.root.join("target"))?);
    if is_inside {
        bail!("{name} is inside this tree; name a folder elsewhere");
    }
    if dir.exists() && (!dir.is_dir() || !files::names(&dir)?.is_empty()) {
        bail!("{name} is there already; name a new or an empty folder");
    }
    write(course, &dir)?;
    say!("The learner's tree is in {name}.");
    tell!("It has no solutions/ and no tests/bugs/; `cargo xtask check` works there.");
    Ok(())
}

/// Where an absolute path leads that need not exist: `..` and links are followed as far as it does.
fn real(path: &Path) -> Result<PathBuf> {
    let there = path.ancestors().find(|path| path.exists()).context("there is no such disk")?;
    let rest = path.strip_prefix(there).context("a path begins with what it stands in")?;
    let real = fs::canonicalize(there);
    Ok(real.with_context(|| format!("cannot look into {}", there.display()))?.join(rest))
}

/// Makes `dir` the learner's tree; what is right there already stays untouched.
pub(crate) fn write(course: &Course, dir: &Path) -> Result<()> {
    let mut tree = files::read_tree_without(&course.root, &is_left_out)?;
    for module in &course.modules {
        let pristine = Path::new(".pristine").join(&module.dir);
        let manifest = module.learner().join("Cargo.toml");
        if let Some(bytes) = tree.get(&manifest).cloned() {
            tree.insert(pristine.join("Cargo.toml"), bytes);
        }
        let src = module.learner().join("src");
        tree.retain(|path, _| !path.starts_with(&src));
        for (path, bytes) in course.pristine(module)? {
            tree.insert(pristine.join("src").join(&path), bytes.clone());
            tree.insert(src.join(path), bytes);
        }
    }
    let manifest = fs::read_to_string(course.root.join("Cargo.toml")).context("no Cargo.toml")?;
    let manifest = without_solutions(&manifest, &course.modules)?;
    tree.insert(PathBuf::from("Cargo.toml"), manifest.into_bytes());
    files::sync_tree(dir, &tree, &is_private)?;
    // The lock still names what is gone.
    use_module::refresh_lock(dir);
    Ok(())
}

/// The root's manifest for a tree without the reference.
fn without_solutions(text: &str, modules: &[Module]) -> Result<String> {
    let text = use_module::all_mine(text, modules)?;
    let mut document: DocumentMut = text.parse().context("Cargo.toml is no TOML")?;
    for list in ["members", "default-members"] {
        let list = document["workspace"][list].as_array_mut();
        let list = list.context("Cargo.toml lists no members of the workspace")?;
        let is_gone = |value: &Value| value.as_str().is_some_and(|path| gone(&PathBuf::from(path)));
        list.retain(|value| !is_gone(value));
    }
    Ok(document.to_string())
}

fn gone(path: &Path) -> bool {
    path.ancestors().any(is_left_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_loses_the_members_that_are_not_there() {
        let text = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"solutions/01-data-model\",\n    \"tests/simulator\",\n    \"tests/bugs\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"solutions/01-data-model\",\n    \"xtask\",\n]\n\n[workspace.dependencies]\n";
        let expected = "[workspace]\nmembers = [\n    \"modules/protocol\",\n    \"tests/simulator\",\n    \"xtask\",\n]\n# Why.\ndefault-members = [\n    \"xtask\",\n]\n\n[workspace.dependencies]\n";
        assert_eq!(without_solutions(text, &[]).unwrap(), expected);
    }

    #[test]
    fn what_is_left_out_is_what_the_reference_stands_in() {
        let out = |path: &str| is_left_out(Path::new(path));
        assert!(
            out("solutions")
                && out("tests/bugs")
                && out("tests/book")
                && out(".git")
                && out("target")
        );
        assert!(out(".progress") && out("a/b.snap.new"));
        assert!(!out("tests/simulator") && !out("modules") && !out("docs/solutions"));
    }
}
