//! Stubs: what the learner starts from, made from the reference, so that the two cannot drift apart.
//!
//! What is marked as an exercise keeps its comment, docs and signature and loses its body; everything
//! else is copied byte for byte.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::course::{Course, Id, Module};
use crate::files;
use crate::outline::{self, Item, Mark};

/// Without this line a first build has 170 warnings.
const ALLOW: &str =
    "#![allow(unused)] // Stubs leave much unused; remove this line when you are done.\n";

/// The stub of a module, made from the reference's `src`: bytes of each file, by its path. Exercises
/// in `solved` keep the reference's code.
pub(crate) fn generate(src: &Path, solved: &BTreeSet<Id>) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut tree = files::read_tree(src)?;
    for (path, bytes) in &mut tree {
        let kind = path.extension().and_then(|extension| extension.to_str());
        if !matches!(kind, Some("rs" | "scenario")) {
            continue;
        }
        let place = || files::shown(&src.join(path));
        let text = std::str::from_utf8(bytes).with_context(|| format!("{} is no text", place()))?;
        let stub = if kind == Some("rs") {
            let stub = of_source(text, solved).with_context(place)?;
            if path == Path::new("lib.rs") { with_allow(&stub) } else { stub }
        } else {
            of_scenario(text, solved)
        };
        *bytes = stub.into_bytes();
    }
    Ok(tree)
}

/// Which exercises a file asks for, and by which item. A scenario is one item without a name.
pub(crate) fn exercises_in(path: &Path, text: &str) -> Result<Vec<(Id, String)>> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") => Ok(outline::read(text)?
            .into_iter()
            .filter_map(|item| Some((item.mark?.exercise()?, item.path)))
            .collect()),
        Some("scenario") => {
            Ok(outline::marker(text, "#").map(|id| (id, String::new())).into_iter().collect())
        }
        _ => Ok(Vec::new()),
    }
}

fn of_source(text: &str, solved: &BTreeSet<Id>) -> Result<String> {
    let mut stub = String::with_capacity(text.len());
    let mut copied = 0;
    for item in outline::read(text)? {
        let Some((cut, put)) = edit(text, &item, solved)? else { continue };
        // An item inside of one that is cut out is gone with it.
        if cut.start < copied {
            continue;
        }
        stub.push_str(&text[copied..cut.start]);
        stub.push_str(&put);
        copied = cut.end;
    }
    stub.push_str(&text[copied..]);
    Ok(stub)
}

/// What is to be cut out for a stub, and what comes in its place.
fn edit(text: &str, item: &Item, solved: &BTreeSet<Id>) -> Result<Option<(Range<usize>, String)>> {
    let Some(mark) = &item.mark else { return Ok(None) };
    if mark.exercise().is_some_and(|id| solved.contains(&id)) {
        return Ok(None);
    }
    Ok(match (mark, &item.body) {
        (Mark::Body { id, comment, until_then }, Some(body)) => {
            let first = &text[comment.clone()];
            let indent = &first[..first.len() - first.trim_start().len()];
            let instead = until_then.clone().unwrap_or_else(|| format!("todo!(\"exercise {id}\")"));
            let closing = outline::line_start(text, body.end - 1);
            Some((comment.end..closing, format!("{indent}{instead}\n")))
        }
        (Mark::Type(_), Some(body)) => Some((body.clone(), "{}".to_owned())),
        // Once something is solved, it may use what only solutions have.
        (Mark::SolutionOnly, _) if !solved.is_empty() => None,
        (Mark::SolutionOnly, _) => Some((with_blank_line(text, &item.whole), String::new())),
        _ => bail!("`{}` is marked as an exercise, and has no body to leave out", item.path),
    })
}

/// The lines of an item that goes, with one of the blank lines around it.
fn with_blank_line(text: &str, whole: &Range<usize>) -> Range<usize> {
    let end = text[whole.end..].find('\n').map_or(text.len(), |end| whole.end + end + 1);
    let before = &text[..whole.start];
    if text[end..].starts_with('\n') && (before.ends_with("\n\n") || before.ends_with("{\n")) {
        return whole.start..end + 1;
    }
    if before.ends_with("\n\n") {
        return whole.start - 1..end;
    }
    whole.start..end
}

fn of_scenario(text: &str, solved: &BTreeSet<Id>) -> String {
    let Some(id) = outline::marker(text, "#").filter(|id| !solved.contains(id)) else {
        return text.to_owned();
    };
    let comment: String = text.split_inclusive('\n').take_while(|l| l.starts_with('#')).collect();
    format!("{comment}todo \"exercise {id}\"\n---\n")
}

/// The text of `lib.rs`, with the line that keeps the compiler quiet behind its docs.
fn with_allow(text: &str) -> String {
    let docs: usize =
        text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum();
    format!("{}\n{ALLOW}{}", &text[..docs], &text[docs..])
}

/// A file of a module that is not what the reference makes of it.
#[derive(Debug)]
struct Stale {
    path: PathBuf,
    why: &'static str,
}

/// `cargo xtask stubs`: writes the stubs of all modules; with `check`, only says which are stale.
pub(crate) fn run(course: &Course, check: bool, force: bool) -> Result<bool> {
    course.needs_solutions("cargo xtask stubs")?;
    let mut stale = Vec::new();
    for module in &course.modules {
        stale.extend(stale_files(course, module)?);
    }
    if check {
        for Stale { path, why } in &stale {
            say!("{} {why}", files::shown(path));
        }
        if stale.is_empty() {
            say!("The stubs are what the reference makes of them.");
        } else {
            say!("`cargo xtask stubs` writes them anew.");
        }
        return Ok(stale.is_empty());
    }
    if stale.is_empty() {
        say!("The stubs are up to date.");
        return Ok(true);
    }
    if course.root.join(".progress").exists() && !force {
        bail!(
            "somebody works through the exercises in this tree (there is a file .progress), and \
             `stubs` would put stubs in place of that work; `cargo xtask reset MODULE` does so for \
             one module, `cargo xtask stubs --force` for all"
        );
    }
    let there = |stale: &&Stale| course.root.join(&stale.path).exists();
    let old: Vec<PathBuf> = stale.iter().filter(there).map(|stale| stale.path.clone()).collect();
    if !old.is_empty() {
        let kept = files::keep(&course.root, "stubs", &old)?;
        say!("What stood there before is kept in {}.", files::shown(&kept));
    }
    for module in &course.modules {
        let dir = course.root.join(module.learner()).join("src");
        files::sync_tree(&dir, &course.pristine(module)?, &|_| false)?;
    }
    for Stale { path, .. } in &stale {
        say!("{}", files::shown(path));
    }
    Ok(true)
}

fn stale_files(course: &Course, module: &Module) -> Result<Vec<Stale>> {
    let src = module.learner().join("src");
    let dir = course.root.join(&src);
    let there = if dir.is_dir() { files::read_tree(&dir)? } else { BTreeMap::new() };
    let pristine = course.pristine(module)?;
    let mut stale = Vec::new();
    for (path, bytes) in &pristine {
        let why = match there.get(path) {
            None => "is missing",
            Some(old) if old != bytes => "is stale",
            Some(_) => continue,
        };
        stale.push(Stale { path: src.join(path), why });
    }
    for path in there.keys().filter(|path| !pristine.contains_key(*path)) {
        stale.push(Stale { path: src.join(path), why: "is not in the reference" });
    }
    Ok(stale)
}

#[cfg(test)]
mod tests;
