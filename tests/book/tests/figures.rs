//! The figures of the book show what the reference does: each is drawn anew, and compared.
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

fn draw(script: &Path) -> Result<String, String> {
    let figure = Figure::read(script, reference::LATEST)?;
    figure.draw(reference::servers(figure.exercise))
}

#[test]
fn every_figure_shows_what_the_reference_does() {
    let mut wrong = Vec::new();
    let scripts = files("scenario");
    assert!(!scripts.is_empty(), "there is no figure");
    for script in scripts {
        let drawn = match draw(&script) {
            Ok(drawn) => drawn,
            Err(why) => {
                wrong.push(why);
                continue;
            }
        };
        let path = script.with_extension("svg");
        if env::var_os("RAFT_LAB_BLESS").is_some() {
            fs::write(&path, &drawn).expect("the figure can be written");
        }
        let there = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        if there != drawn {
            wrong.push(format!("{} is stale: `cargo xtask bless` draws it anew", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_figure_is_left_whose_script_is_gone() {
    for drawn in files("svg") {
        let script = drawn.with_extension("scenario");
        assert!(script.exists(), "there is no {} any more", script.display());
    }
}
