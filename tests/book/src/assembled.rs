//! The page about the assembled server: for each row of the table of rules, the functions that run, module by
//! module. It is generated from the sources of the reference.

use std::fmt::Write as _;
use std::path::Path;

use gates::course::layers::{self, Layer, Row};
use gates::course::{Error, Module};

/// The page, from the root.
pub const PAGE: &str = "docs/reference/assembled-server.md";

const HEAD: &str = "\
# The assembled server

<!-- Generated from the sources of the reference. `cargo xtask bless book` writes it. -->

A server is a table of rules, and each module fills rows or puts a function in front of an earlier one. This page
lists, for each row of the last table, the functions that run when something happens to a server of the reference:
the outermost first, each one calling the next. `cargo xtask map` lists the same for your own code.
";

/// The text of the page, from the reference of the tree at `root`.
///
/// # Errors
/// If the sources cannot be read.
pub fn page(root: &Path, modules: &[Module]) -> Result<String, Error> {
    let mut page = HEAD.to_owned();
    for row in layers::rows(root, modules, Module::solution)? {
        page += &section(&row, modules);
    }
    Ok(page)
}

fn section(row: &Row, modules: &[Module]) -> String {
    let mut text = format!("\n## `{}`\n\n{}\n\n", row.name, row.says);
    for (layer, number) in row.layers.iter().zip(1..) {
        let place = place(layer);
        let module = modules.iter().find(|module| layer.file.starts_with(module.solution()));
        let module = module.map_or(0, Module::number);
        let _ = writeln!(
            text,
            "{number}. Module {module}, [`{}`](../../{place}) (`{place}:{}`): {}",
            layer.function, layer.line, layer.says
        );
    }
    if row.layers.is_empty() {
        text += "No module fills this row.\n";
    }
    text
}

fn place(layer: &Layer) -> String {
    let parts: Vec<_> = layer.file.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}
