//! Building the program of a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::refusal::{Context as _, Outcome, refuse};

/// The program of a server, and the words that come before a server's own.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) words: Vec<String>,
}

/// The root of the lab's tree.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// Whether servers can be made of this, and if not, why.
pub(super) fn check(made_of: &str) -> Outcome<()> {
    match made_of.parse::<u32>() {
        Ok(0..=3) => refuse(format!(
            "a cluster of module {made_of} would serve no client: nothing is committed before module 4. Name \
             `--module 4` or a later one"
        )),
        Ok(4..=7) => Ok(()),
        Ok(_) => {
            refuse(format!("there is no module {made_of}; servers can be made of modules 4 to 7"))
        }
        Err(_) if is_reference(made_of) => {
            if root().join("tests/cluster/reference").is_dir() {
                return Ok(());
            }
            refuse("this tree was handed out without the reference; name the number of a module")
        }
        Err(_) => refuse(format!(
            "servers cannot be made of `{made_of}`; name a module from 4 to 7, or `reference` or `open` where the \
             tree has them"
        )),
    }
}

fn is_reference(made_of: &str) -> bool {
    ["reference", "reference-4", "reference-5", "reference-6", "open"].contains(&made_of)
}

/// Builds the program, and puts a copy into the cluster's folder: cargo may build another while it runs.
pub(super) fn build(made_of: &str, dir: &Path) -> Outcome<Program> {
    let (package, name, words) = if is_reference(made_of) {
        ("cluster-reference", "reference-server".to_owned(), vec![made_of.to_owned()])
    } else {
        ("cluster", format!("server-{made_of}"), Vec::new())
    };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--quiet", "--package", package, "--bin", &name]);
    if !is_reference(made_of) {
        cargo.args(["--features", &format!("module-{made_of}")]);
    }
    let built = cargo.stdin(Stdio::null()).status().context(|| "cannot run cargo".to_owned())?;
    if !built.success() {
        return refuse(format!(
            "the server made of `{made_of}` does not compile; cargo says above why"
        ));
    }
    // Cargo puts both programs into the same folder.
    let here = std::env::current_exe().context(|| "cannot find this program".to_owned())?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let copy = dir.join(&file);
    let put = || {
        fs::create_dir_all(dir)?;
        let draft = dir.join(format!("{file}.new"));
        fs::copy(here.with_file_name(&file), &draft)?;
        fs::rename(draft, &copy)
    };
    put().context(|| format!("cannot copy the server's program to {}", copy.display()))?;
    Ok(Program { path: copy, words })
}

/// The program that [`build`] has put into the cluster's folder.
pub(super) fn built(made_of: &str, dir: &Path) -> Program {
    let (name, words) = if is_reference(made_of) {
        ("reference-server".to_owned(), vec![made_of.to_owned()])
    } else {
        (format!("server-{made_of}"), Vec::new())
    };
    Program { path: dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)), words }
}
