//! `book`: builds the book in `docs/` with mdBook, if that is installed.

mod figures;
mod links;
mod scenarios;
mod sources;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use crate::tree::Course;
use crate::{files, open};

/// The message if mdBook is not installed.
const HOW: &str = "`mdbook` is not installed. `cargo install mdbook --locked` installs it, in some minutes. \
                   You can also read docs/ as it is: begin with docs/start-here.md, in your editor or on the \
                   repository's page.";

/// `cargo xtask book`.
pub(crate) fn run(course: &Course, is_open: bool) -> Result<()> {
    let version = version()?;
    if !version.contains("v0.5.") {
        say!("The book is written for mdBook 0.5, and untested with {version}; trying anyway.");
    }
    let output = output(course);
    build(course, &output)?;
    let index = output.join("index.html");
    say!("The book is in {}.", index.display());
    if is_open { open::page(&index) } else { Ok(()) }
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
        // mdBook copies all files. Figures' scripts and its own settings are not pages.
        if path.extension().is_some_and(|end| end == "toml" || end == "scenario") {
            let path = output.join(path);
            std::fs::remove_file(&path)
                .with_context(|| format!("cannot remove {}", path.display()))?;
        }
    }
    sources::link(&course.root, output)?;
    figures::link(&course.root, output)?;
    links::check(output)
}
