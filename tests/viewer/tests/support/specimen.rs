//! The small servers that tests play with, in a folder of their own.

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use viewer::play::Order;

/// How long a command may take, in milliseconds. One test waits for that.
const LIMIT: u64 = 3_000;

/// A folder for orders, scripts, and files that say what the servers' sources are like.
pub(crate) struct Specimen {
    folder: TempDir,
}

/// The gate: an example, so it is in the folder beside that of the tests.
pub(crate) fn gate() -> PathBuf {
    let test = std::env::current_exe().expect("the path of this test");
    let folder = test.ancestors().nth(2).expect("a test is in a folder of `target`");
    let gate =
        folder.join("examples").join(format!("specimen-gate{}", std::env::consts::EXE_SUFFIX));
    assert!(gate.is_file(), "{} is not built; build the examples of `viewer`", gate.display());
    gate
}

#[allow(dead_code, reason = "not every test needs all of it")]
impl Specimen {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::create_dir(folder.path().join("src")).expect("a folder for sources");
        Specimen { folder }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    /// An order for a world whose script begins like this.
    pub(crate) fn order(&self, script: &str) -> Order {
        let sources = self.root().join("src");
        let gate = gate().to_string_lossy().into_owned();
        Order {
            root: self.root().to_owned(),
            build: vec![gate, "--built".to_owned(), sources.to_string_lossy().into_owned()],
            exercise: "2.4".to_owned(),
            name: "played".to_owned(),
            script: script.to_owned(),
            own: Some(PathBuf::from("own.scenario")),
            sources: vec![sources],
            terminal: true,
            opener: None,
            limit_ms: LIMIT,
        }
    }

    /// Puts a file among the sources.
    pub(crate) fn put(&self, name: &str) {
        fs::write(self.root().join("src").join(name), "").expect("a file");
    }

    /// Takes it away.
    pub(crate) fn remove(&self, name: &str) {
        fs::remove_file(self.root().join("src").join(name)).expect("the file is there");
    }
}
