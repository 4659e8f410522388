//! Which function of a row calls which.

use super::paths::paths;
use super::tables;
use super::tree::{Function, Tree};
use crate::error::Error;
use crate::source::tokens;

/// The functions behind a row, from the last module's table on.
pub(super) fn chain(tree: &Tree, row: &str) -> Result<Vec<Function>, Error> {
    let mut chain = Vec::new();
    let Some(last) = tree.crates.len().checked_sub(1) else { return Ok(chain) };
    let mut open: Vec<Function> = tables::function(tree, last, row)?.into_iter().collect();
    while let Some(function) = open.pop() {
        if chain.contains(&function) {
            continue;
        }
        chain.push(function);
        let mut below = below(tree, &function, row)?;
        below.reverse();
        open.extend(below);
    }
    Ok(chain)
}

/// The functions of the row that this one calls.
fn below(tree: &Tree, function: &Function, row: &str) -> Result<Vec<Function>, Error> {
    let file = tree.file(function);
    let Some(body) = file.outline.items[function.item].body.clone() else { return Ok(Vec::new()) };
    let tokens = tokens(&file.text[body]);
    let mut lower = Vec::new();
    for krate in 0..function.krate {
        lower.extend(tables::function(tree, krate, row)?);
    }
    let mut below = Vec::new();
    for path in paths(&tokens) {
        let Some(called) = tree.resolve((function.krate, function.file), &path.parts) else {
            continue;
        };
        let is_path = path.parts.len() > 1 || path.is_call;
        let is_of_row = path.parts.last() == Some(&row) || lower.contains(&called);
        if is_path && is_of_row && called != *function && !below.contains(&called) {
            below.push(called);
        }
    }
    Ok(below)
}
