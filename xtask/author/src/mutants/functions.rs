//! The functions of the reference, each with a digest of its text.

use std::fs;
use std::ops::Range;

use std::path::Path;

use anyhow::{Context as _, Result};
use course::Module;
use course::source::{ItemKind, Outline};
use xtask::files;
use xtask::verdict::digest_of;

/// A function of a solution.
#[derive(Clone, Debug)]
pub(super) struct Function {
    /// The file, below `src`.
    pub(super) file: String,
    /// Its name, after that of its type: `Log::last_index`.
    pub(super) name: String,
    /// The exercise that asks for it.
    pub(super) exercise: Option<String>,
    /// A digest of its text, from its comment to its end.
    pub(super) digest: String,
    /// Where it is in the file, in bytes.
    pub(super) whole: Range<usize>,
}

impl Function {
    /// File and name.
    pub(super) fn key(&self) -> String {
        format!("{} {}", self.file, self.name)
    }
}

/// The functions of a module's reference, without those of its tests.
pub(super) fn of(root: &Path, module: &Module) -> Result<Vec<Function>> {
    let source = root.join(module.solution()).join("src");
    let mut functions = Vec::new();
    for file in files::names(&source)? {
        if Path::new(&file).extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        let path = source.join(&file);
        let text = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", files::shown(&path)))?
            .replace("\r\n", "\n");
        for item in Outline::read(&text).items {
            if item.kind == ItemKind::Fn && !item.path.starts_with("tests::") {
                functions.push(Function {
                    file: file.clone(),
                    name: item.path.clone(),
                    exercise: item.exercise().map(|id| id.to_string()),
                    digest: digest_of(&text[item.whole.clone()]),
                    whole: item.whole,
                });
            }
        }
    }
    Ok(functions)
}
