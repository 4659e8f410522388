//! `viewer page RECORDING PAGE`: makes the page of a recording. `cargo xtask replay` starts it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use simulator::Recording;

fn main() -> ExitCode {
    let words: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let made = match &words[..] {
        [command, recording, page] if command == Path::new("page") => make(recording, page),
        _ => Err("usage: viewer page RECORDING.json PAGE.html".to_owned()),
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
    let about = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = fs::read(recording).map_err(|error| about(recording, &error))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| about(recording, &"it is not text, so it is not a recording"))?;
    let runs = Recording::read_all(&text).map_err(|error| about(recording, &error))?;
    let folder = page.parent().map_or(Ok(()), fs::create_dir_all);
    folder.and_then(|()| fs::write(page, viewer::page(&runs))).map_err(|error| about(page, &error))
}
