//! The descriptions of mutants that the build script of `tests/bugs` reads, and what it makes of them.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use course::Module;
use serde::Serialize;
use xtask::files;

use super::list::Mutant;

#[derive(Serialize)]
struct Described<'a> {
    id: String,
    file: &'a str,
    start: usize,
    end: usize,
    replacement: &'a str,
    exercise: Option<&'a str>,
}

/// Describes these mutants of a module, and none of another one.
pub(super) fn write(folder: &Path, module: &Module, mutants: &[&Mutant]) -> Result<()> {
    fs::create_dir_all(folder)
        .with_context(|| format!("cannot create {}", files::shown(folder)))?;
    for name in files::names(folder)? {
        if name != format!("{}.json", module.dir) {
            fs::remove_file(folder.join(&name)).with_context(|| format!("cannot remove {name}"))?;
        }
    }
    let described: Vec<Described<'_>> = mutants
        .iter()
        .map(|mutant| Described {
            id: mutant.id.to_string(),
            file: &mutant.file,
            start: mutant.bytes.0,
            end: mutant.bytes.1,
            replacement: &mutant.replacement,
            exercise: mutant.exercise.as_deref(),
        })
        .collect();
    let text = serde_json::to_string_pretty(&described)?;
    files::write_if_changed(&folder.join(format!("{}.json", module.dir)), text.as_bytes())
}

/// The mutant in whose body a line of the merged source is. A body follows a line `27 => {`, which begins at the first
/// column; everything inside a function is indented.
pub(super) fn mutant_at(file: &Path, line: usize) -> Option<usize> {
    let text = fs::read_to_string(file).ok()?;
    in_text(&text, line)
}

fn in_text(text: &str, line: usize) -> Option<usize> {
    let lines: Vec<&str> = text.lines().take(line).collect();
    for line in lines.iter().rev() {
        if line.starts_with("_ => ") {
            return None;
        }
        let number = line.split_once(" => ").map(|(number, _)| number.parse());
        if let Some(Ok(number)) = number {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_belongs_to_the_mutant_before_it() {
        let text = "fn f() { match ::bugs::switched_on() {\n27 => {\n    one();\n}\n28 => { two() }\n_ => {\n    \
                    three();\n}\n} }\n";
        assert_eq!(in_text(text, 3), Some(27));
        assert_eq!(in_text(text, 5), Some(28));
        assert_eq!(in_text(text, 7), None);
        assert_eq!(in_text(text, 1), None);
    }
}
