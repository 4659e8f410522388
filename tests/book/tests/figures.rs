//! The figures of the book show what the reference does: each is recorded and drawn again, and compared. The recordings are
//! what a reader of the book steps through.
//!
//! `cargo xtask bless` writes them (with `RAFT_LAB_BLESS`).

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use book::Figure;

mod reference;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/figures")
}

/// The files of the folder with this extension, without it.
fn files(extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("there is a folder docs/figures");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let mut paths: Vec<PathBuf> =
        paths.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
    paths.sort();
    paths
}

/// The recording of a figure and its picture.
fn made(script: &Path) -> Result<[(&'static str, String); 2], String> {
    let figure = Figure::read(script, reference::LATEST)?;
    let run = figure.record(reference::servers(figure.exercise))?;
    let json = serde_json::to_string(&run).expect("a recording has only texts and numbers") + "\n";
    Ok([("json", json), ("svg", figure.draw(&run))])
}

#[test]
fn every_figure_shows_what_the_reference_does() {
    let mut wrong = Vec::new();
    let scripts = files("scenario");
    assert!(!scripts.is_empty(), "there is no figure");
    for script in scripts {
        let made = match made(&script) {
            Ok(made) => made,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        for (extension, text) in made {
            if text.contains("earlier rows are left out") {
                wrong.push(format!("{} does not fit on a screen", script.display()));
            }
            let path = script.with_extension(extension);
            if env::var_os("RAFT_LAB_BLESS").is_some() {
                fs::write(&path, &text).expect("the figure can be written");
            }
            let current = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
            if current != text {
                wrong.push(format!("{} is stale: `cargo xtask bless` renews it", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_figure_is_left_whose_script_is_gone() {
    for drawn in files("svg").into_iter().chain(files("json")) {
        let script = drawn.with_extension("scenario");
        assert!(script.exists(), "{} is gone", script.display());
    }
}
