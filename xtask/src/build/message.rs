//! The lines of JSON that cargo prints for programs.

use std::path::PathBuf;

use serde::Deserialize;

/// What the compiler says about code that does not compile.
#[derive(Clone, Debug)]
pub struct CompileError {
    /// The file, as the compiler names it: relative to the root. Empty if the error has no place.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// `E0308`; `None` for an error of syntax.
    pub code: Option<String>,
    /// The text that cargo shows.
    pub rendered: String,
}

/// A package: its name and its version.
pub(super) type Package = (String, String);

/// A line.
pub(super) enum Message {
    Error(CompileError),
    /// The compiler warns that a constant takes long, and goes on.
    LongConstant(CompileError),
    /// A target is built.
    Built {
        package: Package,
        target: String,
        executable: Option<PathBuf>,
        /// Its library, if it is one that other crates are compiled against.
        library: Option<PathBuf>,
    },
    /// A build script is built or has run.
    Script,
}

#[derive(Deserialize)]
struct Line {
    reason: String,
    package_id: Option<String>,
    #[serde(rename = "message")]
    diagnostic: Option<Diagnostic>,
    executable: Option<PathBuf>,
    #[serde(default)]
    filenames: Vec<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Diagnostic {
    level: String,
    rendered: Option<String>,
    code: Option<Code>,
    spans: Vec<Span>,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

#[derive(Deserialize)]
struct Span {
    file_name: String,
    line_start: usize,
    is_primary: bool,
}

/// Reads a line. `None` if the runner does not need it.
pub(super) fn read(line: &str) -> Option<Message> {
    // A build script may print what is not JSON.
    let line: Line = serde_json::from_str(line).ok()?;
    match line.reason.as_str() {
        "compiler-message" => about_code(line.diagnostic?),
        "compiler-artifact" => {
            let target = line.target?;
            if target.kind.iter().any(|kind| kind == "custom-build") {
                return Some(Message::Script);
            }
            let package = package(&line.package_id?)?;
            let is_library = |path: &PathBuf| path.extension().is_some_and(|end| end == "rlib");
            let library = line.filenames.into_iter().find(is_library);
            Some(Message::Built {
                package,
                target: target.name,
                executable: line.executable,
                library,
            })
        }
        "build-script-executed" => Some(Message::Script),
        _ => None,
    }
}

/// The package that an id names: `path+file:///lab/tests/gates#0.1.0`, or `…#election@0.1.0` if the folder has
/// another name.
fn package(id: &str) -> Option<Package> {
    let (place, fragment) = id.rsplit_once('#')?;
    let (name, version) = match fragment.split_once('@') {
        Some(both) => both,
        None => (place.rsplit_once('/')?.1, fragment),
    };
    Some((name.to_owned(), version.to_owned()))
}

fn about_code(message: Diagnostic) -> Option<Message> {
    let rendered = message.rendered.unwrap_or_default();
    let is_error = message.level == "error";
    // The compiler's last message only counts the errors.
    if is_error && rendered.contains("aborting due to") {
        return None;
    }
    // An error of the linker has no place.
    let span = message.spans.iter().find(|span| span.is_primary);
    let error = CompileError {
        file: span.map_or_else(String::new, |span| plain(&span.file_name)),
        line: span.map_or(0, |span| span.line_start),
        code: message.code.map(|code| code.code),
        rendered,
    };
    if is_error {
        Some(Message::Error(error))
    } else if error.rendered.contains("constant evaluation is taking a long time") {
        Some(Message::LongConstant(error))
    } else {
        None
    }
}

/// A path without `..`. The suites are included by such paths.
fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_found_where_the_compiler_points() {
        let text = r#"{"reason":"compiler-message","message":{"level":"error","rendered":"r","code":{"code":"E0308"},"spans":[{"file_name":"a.rs","line_start":1,"is_primary":false},{"file_name":"modules\\b.rs","line_start":7,"is_primary":true}]}}"#;
        let Some(Message::Error(error)) = read(text) else { panic!("it is no error") };
        assert_eq!((error.file.as_str(), error.line), ("modules/b.rs", 7));
        assert_eq!(plain("modules/a/tests/../../../tests/a/rules.rs"), "tests/a/rules.rs");
        assert_eq!(plain("/root/a.rs"), "/root/a.rs");
    }

    #[test]
    fn a_package_is_known_by_its_id() {
        let of = |id| package(id).map(|(name, version)| format!("{name} {version}"));
        let named = "path+file:///lab/modules/02-election#election@0.1.0";
        assert_eq!(of(named).as_deref(), Some("election 0.1.0"));
        assert_eq!(of("path+file:///lab/tests/gates#0.1.0").as_deref(), Some("gates 0.1.0"));
        let registry = "registry+https://github.com/rust-lang/crates.io-index#toml@1.0.0+spec-1.1";
        assert_eq!(of(registry).as_deref(), Some("toml 1.0.0+spec-1.1"));
    }
}
