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
        Err(_) if made_of == "open" => is_open_path_written(),
        Err(_) if is_reference(made_of) || zoo_id(made_of).is_some() => {
            if root().join("tests/cluster/reference").is_dir() {
                return Ok(());
            }
            refuse("this tree was handed out without the reference; name the number of a module")
        }
        Err(_) => refuse(format!(
            "servers cannot be made of `{made_of}`; name a module from 4 to 7, `open` for your server of the open path, \
             or `reference` or `reference-open` where the tree has them"
        )),
    }
}

/// A server of the open path answers clients from milestone 3 on. Until its first milestone is written, it does not even
/// start.
fn is_open_path_written() -> Outcome<()> {
    let server = root().join("modules/open/src/server.rs");
    if !root().join("modules/open").is_dir() {
        return refuse("this tree was handed out without the open path");
    }
    match fs::read_to_string(server) {
        Ok(text) if text.contains("todo!(\"exercise open.1\")") => refuse(
            "your server of the open path is not written yet: modules/open has `todo!(\"exercise open.1\")`. \
             It serves clients from milestone 3 on",
        ),
        // A learner who has arranged the files differently has written something.
        _ => Ok(()),
    }
}

fn is_reference(made_of: &str) -> bool {
    ["reference", "reference-4", "reference-5", "reference-6", "reference-open"].contains(&made_of)
}

/// The wrong server in `zoo-4:C1`: the one called C1, in the patches of module 4.
fn zoo_id(made_of: &str) -> Option<(&str, &str)> {
    made_of.strip_prefix("zoo-")?.split_once(':')
}

/// What servers must be made of to be the wrong server `id` of the zoo, such as `zoo-4:C1` for `C1`.
///
/// # Errors
/// If there is none, or it cannot serve clients, or the zoo is not in this tree.
pub fn zoo_server(id: &str) -> Outcome<String> {
    let patches = root().join("tests/bugs/patches");
    if !patches.is_dir() {
        return refuse("this tree was handed out without the zoo");
    }
    if let Some(protection) = id.strip_prefix("driver:") {
        return Ok(format!("zoo-7:driver:{protection}"));
    }
    let quoted = format!("id = {id:?}");
    let names = fs::read_dir(&patches).context(|| format!("cannot read {}", patches.display()))?;
    let mut paths: Vec<PathBuf> = names.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    // Several modules may have a server of this name. Those before module 4 commit nothing.
    let mut before = None;
    for path in paths {
        let text =
            fs::read_to_string(&path).context(|| format!("cannot read {}", path.display()))?;
        if !text.lines().any(|line| line == quoted) {
            continue;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match name.split('-').next().and_then(|number| number.parse::<u32>().ok()) {
            Some(module @ 4..=7) => return Ok(format!("zoo-{module}:{id}")),
            _ => before = Some(name),
        }
    }
    match before {
        Some(name) => refuse(format!(
            "{id} cannot serve clients: it is in {name}, and nothing is committed before module 4"
        )),
        None => refuse(format!("the zoo has no server {id}; docs/maintainers/zoo.md lists all")),
    }
}

/// Where cargo finds a program, and what it is called.
struct Target {
    /// The words for `cargo build`.
    build: Vec<String>,
    name: String,
    /// The words that come before a server's own.
    words: Vec<String>,
    /// The folder below that of this program.
    folder: &'static str,
}

fn target(made_of: &str) -> Target {
    let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    if let Some((module, id)) = zoo_id(made_of) {
        let name = format!("zoo-server-{module}");
        let build = words(&["-p", "bugs", "--example", &name, "--features", "servers"]);
        return Target { build, name, words: words(&[id]), folder: "examples" };
    }
    if is_reference(made_of) {
        let name = "reference-server".to_owned();
        let build = words(&["-p", "cluster-reference", "--bin", "reference-server"]);
        return Target { build, name, words: words(&[made_of]), folder: "" };
    }
    if made_of == "open" {
        let name = "server-open".to_owned();
        let build = words(&["-p", "cluster-open", "--bin", "server-open"]);
        return Target { build, name, words: Vec::new(), folder: "" };
    }
    let name = format!("server-{made_of}");
    let features = format!("module-{made_of}");
    let build = words(&["-p", "cluster", "--bin", &name, "--features", &features]);
    Target { build, name, words: Vec::new(), folder: "" }
}

/// Builds the program, and puts a copy into the cluster's folder: cargo may build another while it runs.
pub(super) fn build(made_of: &str, dir: &Path) -> Outcome<Program> {
    let Target { build, name, folder, .. } = target(made_of);
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root()).args(["build", "--quiet"]).args(build);
    let status = cargo.stdin(Stdio::null()).status().context(|| "cannot run cargo".to_owned())?;
    if !status.success() {
        return refuse(format!(
            "the server made of `{made_of}` does not compile; cargo says above why"
        ));
    }
    // Cargo puts all programs below the folder of this one.
    let here = std::env::current_exe().context(|| "cannot find this program".to_owned())?;
    let file = format!("{name}{}", std::env::consts::EXE_SUFFIX);
    let copy = dir.join(&file);
    let put = || {
        fs::create_dir_all(dir)?;
        let draft = dir.join(format!("{file}.new"));
        fs::copy(here.with_file_name(folder).join(&file), &draft)?;
        fs::rename(draft, &copy)
    };
    put().context(|| format!("cannot copy the server's program to {}", copy.display()))?;
    Ok(built(made_of, dir))
}

/// The program that [`build`] has put into the cluster's folder.
pub(super) fn built(made_of: &str, dir: &Path) -> Program {
    let Target { name, words, .. } = target(made_of);
    Program { path: dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)), words }
}
