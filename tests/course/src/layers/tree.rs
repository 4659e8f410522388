//! The sources of a chain of modules, and which function a path means.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::module::Module;
use crate::source::{ItemKind, Kind, Outline, Token, tokens};

/// The crates of the modules, from the first to the last.
pub(super) struct Tree {
    pub(super) crates: Vec<Crate>,
}

/// A module's crate.
pub(super) struct Crate {
    /// Its name in paths: `data_model`.
    name: String,
    pub(super) files: Vec<File>,
}

/// A file of a crate.
pub(super) struct File {
    /// Relative to the root.
    pub(super) path: PathBuf,
    pub(super) text: String,
    pub(super) outline: Outline,
    /// What its imports call something: a name, and the path that it means.
    imports: Vec<(String, Vec<String>)>,
}

/// A function: the numbers of its crate, its file, and its item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Function {
    pub(super) krate: usize,
    pub(super) file: usize,
    pub(super) item: usize,
}

impl Tree {
    /// Reads the modules that build on each other.
    pub(super) fn read(
        root: &Path,
        modules: &[Module],
        folder: impl Fn(&Module) -> PathBuf,
    ) -> Result<Self, Error> {
        let mut crates = Vec::new();
        for module in modules.iter().filter(|module| !module.alone) {
            let files = read_files(root, &folder(module).join("src"))?;
            crates.push(Crate { name: module.package.replace('-', "_"), files });
        }
        Ok(Tree { crates })
    }

    pub(super) fn file(&self, function: &Function) -> &File {
        &self.crates[function.krate].files[function.file]
    }

    /// The function that a path means in a file of a crate.
    pub(super) fn resolve(&self, (krate, file): (usize, usize), path: &[&str]) -> Option<Function> {
        let source = &self.crates[krate].files[file];
        let (first, rest) = path.split_first()?;
        let mut full: Vec<&str> = Vec::new();
        match source.imports.iter().find(|(name, _)| name == first) {
            Some((_, imported)) => full.extend(imported.iter().map(String::as_str)),
            None => full.push(first),
        }
        full.extend(rest);
        // Crates are exported by those that build on them, so the last one that a path names counts.
        let named = |part: &&str| self.crates.iter().position(|other| other.name == **part);
        let last = full.iter().rposition(|part| named(part).is_some());
        let (krate, rest) = match last {
            Some(at) => (named(&full[at])?, &full[at + 1..]),
            None => (krate, &full[..]),
        };
        let (name, modules) = rest.split_last()?;
        self.crates[krate].find(krate, name, modules.last().copied())
    }
}

impl Crate {
    /// The function of this name, in the file called `module` if that is given and there. Of several in
    /// different files, it is the one that `lib.rs` exports.
    fn find(&self, krate: usize, name: &str, module: Option<&str>) -> Option<Function> {
        let mut found = Vec::new();
        for (file, source) in self.files.iter().enumerate() {
            let items = source.outline.items.iter();
            let item = items.clone().position(|i| i.kind == ItemKind::Fn && i.path == name);
            found.extend(item.map(|item| Function { krate, file, item }));
        }
        let is_in =
            |module: &str, function: &Function| self.files[function.file].module() == module;
        if let Some(module) = module.filter(|module| !matches!(*module, "crate" | "self" | "super"))
        {
            return found.into_iter().find(|function| is_in(module, function));
        }
        let lib = self.files.iter().find(|file| file.module().is_empty());
        let exported = lib.and_then(|lib| {
            let (_, path) = lib.imports.iter().find(|(import, _)| import == name)?;
            path.len().checked_sub(2).map(|module| path[module].as_str())
        });
        let by_export = exported.and_then(|module| found.iter().find(|f| is_in(module, f)));
        by_export.or(found.first()).copied()
    }
}

impl File {
    fn new(path: PathBuf, text: String) -> Self {
        let mut imports = Vec::new();
        let outline = Outline::read(&text);
        for item in outline.items.iter().filter(|item| item.kind == ItemKind::Other) {
            let tokens = tokens(&text[item.declared..item.whole.end]);
            if let Some(at) = tokens.iter().position(|token| token.text == "use") {
                import(&tokens[at + 1..], &[], &mut imports);
            }
        }
        File { path, text, outline, imports }
    }

    /// Its name as a module; empty for `lib.rs`.
    pub(super) fn module(&self) -> &str {
        let stem = self.path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if stem == "lib" { "" } else { stem }
    }
}

/// Reads `a::{b, c as d}`, up to its end; returns what is left.
fn import<'a, 't>(
    mut tokens: &'t [Token<'a>],
    before: &[&'a str],
    imports: &mut Vec<(String, Vec<String>)>,
) -> &'t [Token<'a>] {
    let mut path = before.to_vec();
    let mut name = None;
    while let Some((token, rest)) = tokens.split_first() {
        match (token.kind, token.text) {
            (Kind::Word, "as") => name = rest.first().map(|token| token.text),
            (Kind::Word, _) if name.is_some() => {}
            (Kind::Word, "self") => {}
            (Kind::Word, word) => path.push(word),
            (Kind::Open, _) => {
                let mut inner = rest;
                loop {
                    inner = import(inner, &path, imports);
                    match inner.split_first() {
                        Some((comma, rest)) if comma.text == "," => inner = rest,
                        Some((_, rest)) => return rest,
                        None => return inner,
                    }
                }
            }
            (Kind::Close, _) | (_, "," | ";") => break,
            _ => {}
        }
        tokens = rest;
    }
    if let Some(name) = name.or(path.last().copied()) {
        let path = path.iter().map(|part| (*part).to_owned()).collect();
        imports.push((name.to_owned(), path));
    }
    tokens
}

fn read_files(root: &Path, src: &Path) -> Result<Vec<File>, Error> {
    let mut files = Vec::new();
    let mut open = vec![src.to_path_buf()];
    while let Some(folder) = open.pop() {
        let full = root.join(&folder);
        let cannot_read = |error| Error::new(format!("cannot read {}: {error}", full.display()));
        for entry in fs::read_dir(&full).map_err(cannot_read)? {
            let name = entry.map_err(cannot_read)?.file_name();
            let path = folder.join(&name);
            if root.join(&path).is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(root.join(&path)).map_err(cannot_read)?;
                files.push(File::new(path, text));
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(files)
}
