//! `book`: builds the book in `docs/` with mdBook, if that is there.

pub(crate) mod commands;
mod sources;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::course::Course;
use crate::files;

/// What is said to who has no mdBook.
const HOW: &str = "`mdbook` is not there. `cargo install mdbook --locked` gets it, in some minutes. Without it, docs/ is good to read as it is: begin with \
                   docs/start-here.md, in your editor or where the repository is shown.";

/// `cargo xtask book`.
pub(crate) fn run(course: &Course, open: bool) -> Result<()> {
    let version = version()?;
    if !version.contains("v0.5.") {
        say!("The book is made for mdBook 0.5; this is {version}. Let us see.");
    }
    let output = output(course);
    build(course, &output)?;
    let index = output.join("index.html");
    say!("The book is in {}.", index.display());
    if open { show(&index) } else { Ok(()) }
}

/// Where the book goes.
fn output(course: &Course) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.map_or_else(|| course.root.join("target"), |dir| course.root.join(dir));
    target.join("book")
}

fn version() -> Result<String> {
    match Command::new("mdbook").arg("--version").stdin(Stdio::null()).output() {
        Ok(said) => Ok(String::from_utf8_lossy(&said.stdout).trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!("{HOW}"),
        Err(error) => Err(error).context("cannot run mdbook"),
    }
}

fn build(course: &Course, output: &Path) -> Result<()> {
    let said = Command::new("mdbook")
        .arg("build")
        .arg(course.root.join("docs"))
        .arg("--dest-dir")
        .arg(output)
        .stdin(Stdio::null())
        .output()
        .context("cannot run mdbook")?;
    if !said.status.success() {
        bail!("mdbook has failed:\n{}", String::from_utf8_lossy(&said.stderr).trim_end());
    }
    for path in files::read_tree(output)?.keys() {
        // A page is itself; what it was made of need not stand beside it.
        if path.extension().is_some_and(|end| end == "toml" || end == "scenario") {
            let path = output.join(path);
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    sources::link(&course.root, output)
}

/// Lets the system show a page.
fn show(page: &Path) -> Result<()> {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let shown = Command::new(opener).arg(page).stdin(Stdio::null()).status();
    // What `explorer` ends with means nothing.
    match shown {
        Ok(status) if status.success() || cfg!(windows) => Ok(()),
        Ok(_) => bail!("`{opener}` did not open it; open it in a browser yourself"),
        Err(error) => Err(error)
            .with_context(|| format!("`{opener}` cannot be run; open it in a browser yourself")),
    }
}
