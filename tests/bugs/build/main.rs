//! Makes the patched sources: for each module, a copy of its solution's source that holds all patches
//! described in `patches` and can switch them on ([`merge`]), copies of their own for the few that do
//! not fit in, and a file that holds all copies, each with the module's suite beside it.
//!
//! With the feature `mutants`, the copies hold mutants in place of patches ([`mutants`]).
//!
//! A copy is a nested module of a test binary, so `crate::` in it becomes that module's path.

mod merge;
mod mutants;
#[path = "../src/patch.rs"]
#[allow(dead_code, unreachable_pub, reason = "the tests use the rest of it")]
mod patch;

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use merge::Merged;
use patch::{Edit, Patches};

/// The folder of each module, and the name of its crate.
const MODULES: [(&str, &str); 8] = [
    ("00-warm-up", "warm_up"),
    ("01-data-model", "data_model"),
    ("02-election", "election"),
    ("03-replication", "replication"),
    ("04-commitment", "commitment"),
    ("05-persistence", "persistence"),
    ("06-snapshots", "snapshots"),
    ("07-membership", "membership"),
];

/// The files of a source, by name.
type Files = BTreeMap<String, String>;

fn main() -> ExitCode {
    let made = MODULES.iter().try_for_each(|(folder, name)| Module::find(folder, name)?.make());
    match made {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            for line in error.lines() {
                println!("cargo::error={line}");
            }
            ExitCode::FAILURE
        }
    }
}

/// A module whose solution is patched.
struct Module {
    /// What is patched.
    solution: PathBuf,
    /// What judges it.
    rules: PathBuf,
    /// How it is patched.
    description: PathBuf,
    /// The solution's crate.
    name: &'static str,
    /// Where all is written to.
    out: PathBuf,
}

impl Module {
    fn find(folder: &str, name: &'static str) -> Result<Self, String> {
        let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo runs this")?);
        let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo runs this")?);
        let root = here.ancestors().nth(2).ok_or("this package is in tests/bugs")?;
        Ok(Module {
            solution: root.join("solutions").join(folder),
            rules: root.join("tests").join(folder).join("rules.rs"),
            description: here.join("patches").join(format!("{folder}.toml")),
            name,
            out,
        })
    }

    fn make(&self) -> Result<(), String> {
        let source = self.solution.join("src");
        println!("cargo::rerun-if-changed={}", self.description.display());
        println!("cargo::rerun-if-changed={}", source.display());
        println!("cargo::rerun-if-changed=build");
        println!("cargo::rerun-if-changed=src/patch.rs");
        let files = read_sources(&source)?;
        let mut merged = Merged::new(&files)?;
        if let Some(folder) = mutants::folder() {
            return self.make_mutants(&folder, &files, merged);
        }
        let patches = Patches::read(&self.description)?;
        let mut holder =
            String::from("// Made by the build script: patched copies of a solution.\n");
        let mut subjects = String::new();
        let mut servers = String::new();
        let merged_lib = self.out.join(self.name).join("merged").join("lib.rs");
        let mut copies = in_a_module("merged", &merged_lib);
        let mut names = BTreeSet::new();
        for (number, (id, edits)) in (1..).zip(patches.all()) {
            let about = |error| format!("{}: {id}: {error}", self.description.display());
            if !names.insert(id) {
                return Err(about("there is another of this name".to_owned()));
            }
            let patched = patched(&files, edits).map_err(about)?;
            let copy = if merged.take(number, &patched).map_err(about)? {
                "merged".to_owned()
            } else {
                let copy = format!("own_{number}");
                self.hold(&mut holder, &copy, &patched)?;
                copy
            };
            let _ = writeln!(subjects, "    subject!({id:?}, {number}, {copy}),");
            let _ = writeln!(servers, "    ({id:?}, {number}, &{copy}::subject::RULES),");
            if copy != "merged" {
                let lib = self.out.join(self.name).join(&copy).join("lib.rs");
                let _ = writeln!(copies, "{}", in_a_module(&copy, &lib));
            }
        }
        self.write_servers(&copies, &servers)?;
        self.finish(holder, &merged, &subjects)
    }

    /// The same with mutants. Those that do not fit into the merged copy are left out.
    fn make_mutants(&self, folder: &Path, files: &Files, mut merged: Merged) -> Result<(), String> {
        let mut subjects = String::new();
        let module = self.solution.file_name().unwrap_or_default().to_string_lossy();
        for mutant in mutants::read(folder, &module)? {
            let (number, patched) = (mutant.number()?, mutant.applied(files)?);
            if merged.take(number, &patched)? {
                let _ = writeln!(subjects, "    subject!(\"{number}\", {number}, merged),");
            }
        }
        let holder = String::from("// Made by the build script: mutants of a solution.\n");
        self.finish(holder, &merged, &subjects)
    }

    /// Writes the same copies without suites, for `examples/`: each patch with its number and its table.
    fn write_servers(&self, copies: &str, servers: &str) -> Result<(), String> {
        let text = format!(
            "// Made by the build script: patched copies of a solution, as servers.\n{copies}\n\
             pub(crate) const SERVERS: &[(&str, usize, &data_model::Rules)] = &[\n{servers}];\n"
        );
        write(&self.out.join(format!("{}_servers.rs", self.name)), &text)
    }

    fn finish(&self, mut holder: String, merged: &Merged, subjects: &str) -> Result<(), String> {
        self.hold(&mut holder, "merged", &merged.files())?;
        let _ = write!(
            holder,
            "\nmacro_rules! subject {{\n    ($id:expr, $number:expr, $copy:ident) => {{\n        \
             bugs::Subject {{ id: $id, number: $number, suite: $copy::suite }}\n    }};\n}}\n\n\
             /// The solution as it is, and each patch of it.\n\
             pub(crate) const SUBJECTS: &[bugs::Subject] = &[\n    \
             subject!(\"reference\", 0, merged),\n{subjects}];\n"
        );
        write(&self.out.join(format!("{}.rs", self.name)), &holder)
    }

    /// Writes a copy, and the lines that hold it and the suite that judges it.
    fn hold(&self, holder: &mut String, copy: &str, files: &Files) -> Result<(), String> {
        let folder = self.out.join(self.name).join(copy);
        let path = format!("crate::patched::{copy}::subject::");
        for (file, source) in files {
            write(&folder.join(file), &source.replace("crate::", &path))?;
        }
        let lib = folder.join("lib.rs");
        let [lib, rules, solution] =
            [&lib, &self.rules, &self.solution].map(|path| path.to_string_lossy());
        let _ = write!(
            holder,
            "\npub(crate) mod {copy} {{\n    #[path = {lib:?}]\n    pub(crate) mod subject;\n    \
             #[path = {rules:?}]\n    mod rules;\n    pub(crate) fn suite() -> gates::Suite {{\n        \
             rules::suite({solution:?})\n    }}\n}}\n"
        );
        Ok(())
    }
}

/// The lines of a module that holds a copy.
fn in_a_module(copy: &str, lib: &Path) -> String {
    let lib = lib.to_string_lossy();
    format!("pub(crate) mod {copy} {{\n    #[path = {lib:?}]\n    pub(crate) mod subject;\n}}\n")
}

/// The files with these places changed.
fn patched(files: &Files, edits: &[Edit]) -> Result<Files, String> {
    let mut patched = files.clone();
    for edit in edits {
        let Some(source) = patched.get_mut(&edit.file) else {
            return Err(format!("the solution has no file {}", edit.file));
        };
        *source = patch::apply(source, edit)?;
    }
    Ok(patched)
}

/// The files of a solution's source.
fn read_sources(folder: &Path) -> Result<Files, String> {
    let fail = |path: &Path, error| format!("cannot read {}: {error}", path.display());
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(|error| fail(folder, error))? {
        let path = entry.map_err(|error| fail(folder, error))?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|error| fail(&path, error))?;
            files.extend(name.map(|name| (name, text)));
        }
    }
    Ok(files)
}

/// Writes a file, if it is not so already: what did not change is not compiled again.
fn write(path: &Path, text: &str) -> Result<(), String> {
    if fs::read_to_string(path).is_ok_and(|present| present == text) {
        return Ok(());
    }
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}
