//! `map`: the functions that a row of the table of rules runs, module by module, in the learner's own code.

use anyhow::{Result, bail};
use course::layers::{self, Row};
use course::{Module, text};

use crate::tree::Course;
use crate::{files, term};

/// `cargo xtask map`.
pub(crate) fn run(course: &Course, row: Option<&str>) -> Result<()> {
    let rows = layers::rows(&course.root, &course.modules, Module::learner)?;
    let chosen: Vec<&Row> = match row {
        Some(name) => rows.iter().filter(|row| row.name == name).collect(),
        None => rows.iter().collect(),
    };
    if let (Some(name), []) = (row, &chosen[..]) {
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        bail!("the table has no row `{name}`; its rows are {}", names.join(", "));
    }
    for row in chosen {
        print(row);
    }
    Ok(())
}

fn print(row: &Row) {
    say!("{}  {}", term::bold(&row.name), term::dim(&row.says));
    if row.layers.is_empty() {
        say!("  no module fills this row\n");
        return;
    }
    for (layer, number) in row.layers.iter().zip(1..) {
        let place = format!("{}:{}", files::shown(&layer.file), layer.line);
        let unwritten = if layer.is_written { "" } else { ", not written yet" };
        say!("  {number}. {place}  {}{}", layer.function, term::yellow(unwritten));
        say!("{}", text::wrap_after("     ", &layer.says, term::text_width()));
    }
    say!();
}
