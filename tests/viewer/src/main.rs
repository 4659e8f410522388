//! What `cargo xtask replay` and `cargo xtask draw` start:
//!
//! ```text
//! viewer page RECORDING PAGE                          makes the page of a recording
//! viewer draw RECORDING svg|text OUT|- [SCENARIO]     draws it, to a file or (`-`) to standard output
//! ```

use std::env;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use simulator::Recording;
use viewer::Format;

fn main() -> ExitCode {
    let words: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let made = match &words[..] {
        [command, recording, page] if command == Path::new("page") => make(recording, page),
        [command, recording, format, out, script @ ..] if command == Path::new("draw") => {
            draw(recording, format, out, script.first().map(PathBuf::as_path))
        }
        _ => Err("usage: viewer page RECORDING.json PAGE.html, or \
                  viewer draw RECORDING.json svg|text OUT|- [SCENARIO]"
            .to_owned()),
    };
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn make(recording: &Path, page: &Path) -> Result<(), String> {
    let runs = read(recording)?;
    write(page, &viewer::page(&runs))
}

fn draw(recording: &Path, format: &Path, out: &Path, script: Option<&Path>) -> Result<(), String> {
    let format = match format.to_str() {
        Some("svg") => Format::Svg,
        Some("text") => Format::Text,
        _ => return Err(format!("{}: a format is svg or text", format.display())),
    };
    let runs = read(recording)?;
    let name = recording.file_stem().unwrap_or_default().to_string_lossy();
    let drawn = viewer::draw(&runs, &name, script, format)?;
    if out == Path::new("-") {
        // A closed pipe is not an error.
        let _ = std::io::stdout().write_all(drawn.as_bytes());
        return Ok(());
    }
    write(out, &drawn)
}

fn about(path: &Path, error: &dyn std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}

fn read(recording: &Path) -> Result<Vec<Recording>, String> {
    let bytes = fs::read(recording).map_err(|error| about(recording, &error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| about(recording, &"it is not text, so it is not a recording"))?;
    Recording::read_all(&text).map_err(|error| about(recording, &error))
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(path, text)).map_err(|error| about(path, &error))
}
