//! A row of the table of rules, followed through the modules: which function runs first, and which it calls.
//!
//! A module's table is `pub const RULES: Rules = Rules { row, row: path::function, ..before::RULES };`. A
//! later module's function calls the one below it by its path. So the layers of a row can be read from the
//! sources alone, even if they do not compile.

mod calls;
mod paths;
mod tables;
mod tree;

use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::module::Module;
use tree::{Function, Tree};

/// A row, and the functions behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its name in the table.
    pub name: String,
    /// What the table says about it.
    pub says: String,
    /// The functions, in the order in which they are called.
    pub layers: Vec<Layer>,
}

/// A function of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layer {
    /// The function, with the file that it is in: `vote::request_vote`.
    pub function: String,
    /// The file, relative to the root.
    pub file: PathBuf,
    /// The line of its declaration.
    pub line: usize,
    /// The first sentence of its doc comment.
    pub says: String,
    /// Whether it is more than a stub. What an unwritten function will call is not known.
    pub is_written: bool,
}

/// Reads the rows of the modules' tables. `folder` says where a module's crate is, relative to `root`:
/// [`Module::learner`] or [`Module::solution`]. Rows are those of the struct `Rules`, in its order; the chain
/// of each begins at the last module.
///
/// # Errors
/// If a file cannot be read, or a table cannot be found.
pub fn rows(
    root: &Path,
    modules: &[Module],
    folder: impl Fn(&Module) -> PathBuf,
) -> Result<Vec<Row>, Error> {
    let tree = Tree::read(root, modules, folder)?;
    let names = tables::rows(&tree)?;
    names
        .into_iter()
        .map(|(name, says)| {
            let layers = calls::chain(&tree, &name)?;
            let layers = layers.iter().map(|function| layer(&tree, function, &name)).collect();
            Ok(Row { name, says, layers })
        })
        .collect()
}

fn layer(tree: &Tree, function: &Function, row: &str) -> Layer {
    let file = tree.file(function);
    let item = &file.outline.items[function.item];
    let name = match file.module() {
        "" => item.name().to_owned(),
        module => format!("{module}::{}", item.name()),
    };
    let body = item.body.clone().unwrap_or_default();
    Layer {
        is_written: !file.text[body].contains("todo!(\"exercise "),
        function: name,
        file: file.path.clone(),
        line: crate::source::line_number(&file.text, item.declared),
        says: without_row(&item.first_sentence(&file.text), row),
    }
}

/// A sentence without "Row `request_vote`: " at its beginning, which its place in a list already says.
fn without_row(sentence: &str, row: &str) -> String {
    let Some(rest) = sentence.strip_prefix(&format!("Row `{row}`: ")) else {
        return sentence.to_owned();
    };
    let mut chars = rest.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[cfg(test)]
mod tests;
