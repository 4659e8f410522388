//! What `cargo xtask replay`, `draw`, `play` and `book` start:
//!
//! ```text
//! viewer page RECORDING PAGE                          makes the page of a recording
//! viewer draw RECORDING svg|text OUT|- [SCENARIO]     draws it, to a file or (`-`) to standard output
//! viewer play ORDER                                   plays what the order says
//! viewer book FOLDER                                  makes the pages of all recordings in a folder
//! ```

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use simulator::Recording;
use viewer::Format;
use viewer::play::{Order, Session, Terminal};
use viewer::served::Server;

fn main() -> ExitCode {
    let words: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    let made = match &words[..] {
        [command, recording, page] if command == Path::new("page") => make(recording, page),
        [command, folder] if command == Path::new("book") => viewer::book(folder),
        [command, recording, format, out, script @ ..] if command == Path::new("draw") => {
            draw(recording, format, out, script.first().map(PathBuf::as_path))
        }
        [command, order] if command == Path::new("play") => play(order),
        _ => Err("usage: viewer page RECORDING.json PAGE.html; viewer draw RECORDING.json svg|text OUT|- \
                  [SCENARIO]; viewer play ORDER.json; or viewer book FOLDER"
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

/// Plays what an order says, until the person who plays ends it.
fn play(file: &Path) -> Result<(), String> {
    let order = Order::read(file)?;
    // The order is for this process alone.
    let _ = fs::remove_file(file);
    let (terminal, opener) = (order.terminal, order.opener.clone());
    let mut session = Session::begin(order)?;
    if terminal {
        let (input, output) = (io::stdin(), io::stdout());
        Terminal::of_this_process(&mut session).run(input.lock(), output.lock());
        return Ok(());
    }
    let server = Server::of(session).map_err(|error| format!("cannot serve a page: {error}"))?;
    let address = server.address();
    println!("The page is {address}");
    match opener.map(|opener| Command::new(opener).arg(&address).stdin(Stdio::null()).status()) {
        None => println!("Open it in a browser; Ctrl-C here ends it."),
        Some(Ok(_)) => println!("Ctrl-C here ends it."),
        Some(Err(_)) => println!("Open it in a browser yourself; Ctrl-C here ends it."),
    }
    server.run().map_err(|error| format!("cannot serve the page any more: {error}"))
}

fn make(recording: &Path, page: &Path) -> Result<(), String> {
    let runs = read(recording)?;
    write(page, &viewer::page(&runs))
}

fn draw(recording: &Path, format: &Path, out: &Path, script: Option<&Path>) -> Result<(), String> {
    let format = match format.to_str() {
        Some("svg") => Format::Svg,
        Some("text") => Format::Text,
        _ => return Err(format!("{}: the format must be svg or text", format.display())),
    };
    let runs = read(recording)?;
    let name = recording.file_stem().unwrap_or_default().to_string_lossy();
    let drawn = viewer::draw(&runs, &name, script, format)?;
    if out == Path::new("-") {
        // A closed pipe is not an error.
        let _ = io::stdout().write_all(drawn.as_bytes());
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
