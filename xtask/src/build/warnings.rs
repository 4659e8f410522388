//! What the compiler would warn about in a module if warnings were not off.
//!
//! Stubs leave much unused, so `lib.rs` of each module turns these warnings off. To see them, the module is compiled
//! once more, by the compiler alone and against the libraries that its gate was built from: without code generation,
//! without cargo, and without touching what cargo has built.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use course::Module;
use serde::Deserialize;
use toml_edit::{DocumentMut, Item};

use crate::gate;
use crate::libraries::Libraries;
use crate::supervise::{Next, Stream, Supervised};

/// How long the compiler may take. It has compiled the same text a moment ago.
const LIMIT: Duration = Duration::from_secs(20);

/// A warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Warning {
    /// The file, from the root of the tree.
    pub(crate) file: PathBuf,
    /// The line, from 1.
    pub(crate) line: usize,
    /// What the compiler says, in one line.
    pub(crate) text: String,
}

/// The warnings about unused code and dead branches. `None` if the compiler cannot be asked: they are an extra, and
/// nothing may fail for lack of them.
pub(crate) fn of(root: &Path, module: &Module, libraries: &Libraries) -> Option<Vec<Warning>> {
    let compiler = gate::in_new_folder(root, |folder| {
        Ok(command(root, module, libraries, folder).map(|command| said(&command)))
    });
    let lines = compiler.ok()???;
    Some(lines.iter().filter_map(|line| read(line)).collect())
}

/// The compiler, to check the module and write what it must write into a folder.
fn command(root: &Path, module: &Module, libraries: &Libraries, folder: &Path) -> Option<Command> {
    let read = |path: PathBuf| fs::read_to_string(path).ok()?.parse::<DocumentMut>().ok();
    let workspace = read(root.join("Cargo.toml"))?;
    let manifest = read(root.join(module.learner()).join("Cargo.toml"))?;
    let edition = workspace["workspace"]["package"]["edition"].as_str()?;
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut command = Command::new(rustc);
    command.current_dir(root).arg(module.learner().join("src").join("lib.rs"));
    command.args(["--crate-type", "lib", "--emit", "metadata", "--error-format", "json"]);
    command.args(["--edition", edition, "--force-warn", "unused"]);
    command.args(["--crate-name", &module.package.replace('-', "_")]);
    command.arg("--out-dir").arg(folder);
    for (name, _) in manifest["dependencies"].as_table_like()?.iter() {
        // `cargo xtask use` may have put the reference in a module's place.
        let package = workspace["workspace"]["dependencies"][name].get("package");
        let library = libraries.of(package.and_then(Item::as_str).unwrap_or(name))?;
        command.arg("--extern").arg(format!("{}={}", name.replace('-', "_"), library.display()));
        command.arg("-L").arg(format!("dependency={}", library.parent()?.display()));
    }
    Some(command)
}

/// What the compiler prints for programs, line by line. `None` if it does not end in time.
fn said(command: &Command) -> Option<Vec<String>> {
    let mut compiler = Supervised::start(command).ok()?;
    let end = Instant::now() + LIMIT;
    let mut lines = Vec::new();
    loop {
        match compiler.next(end.saturating_duration_since(Instant::now())) {
            Next::Line(Stream::Error, line) => lines.push(line),
            Next::Line(Stream::Output, _) => {}
            Next::Silence => {
                compiler.kill();
                return None;
            }
            Next::End(_) => return Some(lines),
        }
    }
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    message: String,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: PathBuf,
    line_start: usize,
    is_primary: bool,
}

/// The warning in a line; `None` if it is another message, or about something else.
fn read(line: &str) -> Option<Warning> {
    const OTHERS: [&str; 4] =
        ["dead_code", "path_statements", "unreachable_code", "unreachable_patterns"];
    let diagnostic: Diagnostic = serde_json::from_str(line).ok()?;
    let code = diagnostic.code?.code;
    let is_about_use = code.starts_with("unused_") || OTHERS.contains(&&*code);
    if diagnostic.level != "warning" || !is_about_use {
        return None;
    }
    let span = diagnostic.spans.into_iter().find(|span| span.is_primary)?;
    Some(Warning { file: span.file_name, line: span.line_start, text: diagnostic.message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_warnings_about_unused_code_count() {
        let line = |level: &str, code: &str| {
            format!(
                r#"{{"level":"{level}","message":"unused variable: `x`","code":{{"code":"{code}"}},"spans":[
                {{"file_name":"a.rs","line_start":1,"is_primary":false}},
                {{"file_name":"b.rs","line_start":7,"is_primary":true}}]}}"#
            )
        };
        let text = "unused variable: `x`".to_owned();
        let warning = Warning { file: PathBuf::from("b.rs"), line: 7, text };
        assert_eq!(read(&line("warning", "unused_variables")), Some(warning.clone()));
        assert_eq!(read(&line("warning", "dead_code")), Some(warning));
        assert_eq!(read(&line("error", "unused_variables")), None);
        assert_eq!(read(&line("warning", "non_snake_case")), None);
        assert_eq!(read("not JSON"), None);
    }
}
