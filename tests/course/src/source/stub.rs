//! What a stub keeps of a solution. An item that is marked as an exercise keeps its comment, docs and signature,
//! and loses its body. Everything else is copied byte for byte.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;

use super::outline::{Item, ItemKind, Mark, Outline};
use super::place::{line_start, marker};
use crate::error::Error;
use crate::id::ExerciseId;

/// Without this line, a first build has 170 warnings.
const ALLOW: &str =
    "#![allow(unused)] // Stubs leave much unused; remove this line when you are done.\n";

/// The stub of a file in a module's `src`, whose path in it is given. Exercises in `solved` keep the solution's code.
///
/// # Errors
/// If a bracket of the file has no partner, or an exercise has no body to leave out.
pub fn of_file(
    path: &Path,
    solution: &str,
    solved: &BTreeSet<ExerciseId>,
) -> Result<String, Error> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("rs") if path == Path::new("lib.rs") => Ok(with_allow(&of_source(solution, solved)?)),
        Some("rs") => of_source(solution, solved),
        // A scenario's block has an end.
        Some("scenario") => Ok(of_words(solution, solved, "---\n")),
        Some("proof" | "answer") => Ok(of_words(solution, solved, "")),
        _ => Ok(solution.to_owned()),
    }
}

/// The items of a file whose brackets all have partners.
///
/// # Errors
/// If a bracket has none.
pub fn items(text: &str) -> Result<Vec<Item>, Error> {
    let outline = Outline::read(text);
    match outline.fault {
        Some(fault) => Err(Error::new(format!("line {}: {}", fault.line, fault.what))),
        None => Ok(outline.items),
    }
}

/// The stub of a Rust file.
///
/// # Errors
/// As [`of_file`].
pub fn of_source(text: &str, solved: &BTreeSet<ExerciseId>) -> Result<String, Error> {
    let mut stub = String::with_capacity(text.len());
    let mut copied = 0;
    for item in items(text)? {
        let Some((cut, put)) = edit(text, &item, solved)? else { continue };
        // An item within one that is cut out goes with it.
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

/// What is cut out for a stub, and what replaces it.
fn edit(
    text: &str,
    item: &Item,
    solved: &BTreeSet<ExerciseId>,
) -> Result<Option<(Range<usize>, String)>, Error> {
    let Some(mark) = &item.mark else { return Ok(None) };
    if item.exercise().is_some_and(|id| solved.contains(&id)) {
        return Ok(None);
    }
    Ok(match (mark, &item.body) {
        (Mark::Body { id, comment, until_then }, Some(body)) => {
            let first = &text[comment.clone()];
            let indent = &first[..first.len() - first.trim_start().len()];
            let instead = until_then.clone().unwrap_or_else(|| format!("todo!(\"exercise {id}\")"));
            let closing = line_start(text, body.end - 1);
            Some((comment.end..closing, format!("{indent}{instead}\n")))
        }
        (Mark::Above(_), Some(body)) if item.kind == ItemKind::Type => {
            Some((body.clone(), "{}".to_owned()))
        }
        // Once an exercise is solved, it may use what only solutions have.
        (Mark::SolutionOnly, _) if !solved.is_empty() => None,
        (Mark::SolutionOnly, _) => Some((with_blank_line(text, &item.whole), String::new())),
        _ => {
            return Err(Error::new(format!(
                "`{}` is marked as an exercise, but has no body to leave out",
                item.path
            )));
        }
    })
}

/// The lines of an item that is left out, with one of the blank lines around it.
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

/// The stub of a scenario, a proof or an answer: its opening comment, and a `todo` with what must follow it.
pub fn of_words(text: &str, solved: &BTreeSet<ExerciseId>, end: &str) -> String {
    let Some(id) = marker(text, "#").filter(|id| !solved.contains(id)) else {
        return text.to_owned();
    };
    let comment: String = text.split_inclusive('\n').take_while(|l| l.starts_with('#')).collect();
    format!("{comment}todo \"exercise {id}\"\n{end}")
}

/// The text of `lib.rs`, with the line that silences the compiler after its docs.
pub fn with_allow(text: &str) -> String {
    let docs: usize =
        text.split_inclusive('\n').take_while(|line| line.starts_with("//!")).map(str::len).sum();
    format!("{}\n{ALLOW}{}", &text[..docs], &text[docs..])
}
