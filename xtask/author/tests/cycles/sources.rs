//! The files of a crate, and what each of them names.

use std::collections::BTreeMap;
use std::path::Path;

use course::source::{Item, Kind, Outline, Token, line_number, tokens};

/// The path of a module: `["scenario", "judge"]`, and empty for the root.
pub(crate) type ModulePath = Vec<String>;

/// A path that a file names, and its line.
pub(crate) struct Named {
    pub(crate) parts: Vec<String>,
    pub(crate) line: usize,
}

/// A file of a crate.
pub(crate) struct Source {
    /// From the folder of the sources, with `/`.
    pub(crate) name: String,
    /// The names of its items.
    pub(crate) items: Vec<String>,
    /// What its imports call something.
    pub(crate) imports: BTreeMap<String, Vec<String>>,
    /// The paths of imports that it keeps for itself, and of its code.
    pub(crate) uses: Vec<Named>,
}

/// Reads all files in a folder of sources.
pub(crate) fn read(folder: &Path) -> BTreeMap<ModulePath, Source> {
    let tree = xtask::files::read_tree(folder).expect("sources can be read");
    let mut sources = BTreeMap::new();
    for (path, bytes) in tree {
        let name = xtask::files::shown(&path);
        let Some(stem) = name.strip_suffix(".rs") else { continue };
        let mut module: ModulePath = stem.split('/').map(str::to_owned).collect();
        let last = module.last().map(String::as_str);
        // Tests may use everything. A library's `main.rs` is another crate.
        let is_program = last == Some("main") && folder.join("lib.rs").exists();
        if last == Some("tests") || is_program {
            continue;
        }
        if matches!(last, Some("lib" | "main" | "mod")) {
            module.pop();
        }
        let text = String::from_utf8(bytes).expect("sources are text");
        sources.insert(module, source(name, &text));
    }
    sources
}

fn source(name: String, text: &str) -> Source {
    let outline = Outline::read(text);
    let is_test = |item: &&Item| {
        text[item.whole.clone()].contains("#[cfg(test)]")
            && text[item.declared..].starts_with("mod ")
    };
    let tests: Vec<_> =
        outline.items.iter().filter(is_test).map(|item| item.whole.clone()).collect();
    let code: Vec<Token<'_>> = tokens(text)
        .into_iter()
        .filter(|token| !tests.iter().any(|range| range.contains(&token.start)))
        .collect();
    let items = outline.items.iter().map(|item| item.path.clone()).collect();
    let mut source = Source { name, items, imports: BTreeMap::new(), uses: Vec::new() };
    let mut at = 0;
    while at < code.len() {
        let line = line_number(text, code[at].start);
        let is_after_dot = at > 0 && code[at - 1].text == ".";
        if code[at].text == "use" {
            let is_public = at > 0 && matches!(code[at - 1].text, "pub" | ")");
            let mut found = Vec::new();
            at = import(&code, at + 1, &[], &mut found);
            for (name, parts) in found {
                if !is_public {
                    source.uses.push(Named { parts: parts.clone(), line });
                }
                source.imports.insert(name, parts);
            }
        } else if code[at].kind == Kind::Word && !is_after_dot {
            let parts = path(&code, &mut at);
            // `pub(crate)`, `mod child;` and local variables are single words.
            if parts.len() > 1 {
                source.uses.push(Named { parts, line });
            }
        } else {
            at += 1;
        }
    }
    source
}

/// The path that begins at a word.
fn path(code: &[Token<'_>], at: &mut usize) -> Vec<String> {
    let mut parts = vec![code[*at].text.to_owned()];
    *at += 1;
    while let [sign, word, ..] = &code[*at..] {
        if sign.text != "::" || word.kind != Kind::Word {
            break;
        }
        parts.push(word.text.to_owned());
        *at += 2;
    }
    parts
}

/// Reads a tree of imports. Returns where it ends.
fn import(
    code: &[Token<'_>],
    mut at: usize,
    before: &[String],
    found: &mut Vec<(String, Vec<String>)>,
) -> usize {
    let mut parts = before.to_vec();
    let mut name = None;
    while let Some(token) = code.get(at) {
        match (token.kind, token.text) {
            (Kind::Word, "as") => {
                name = code.get(at + 1).map(|token| token.text.to_owned());
                at += 1;
            }
            (Kind::Word, "self") if !parts.is_empty() => {}
            (Kind::Word, word) => parts.push(word.to_owned()),
            (_, "*") => parts.push("*".to_owned()),
            (Kind::Open, _) => {
                at += 1;
                while code.get(at).is_some_and(|token| token.kind != Kind::Close) {
                    at = import(code, at, &parts, found);
                    if code.get(at).is_some_and(|token| matches!(token.text, "," | ";")) {
                        at += 1;
                    }
                }
                return at + 1;
            }
            (Kind::Close, _) | (_, "," | ";") => break,
            _ => {}
        }
        at += 1;
    }
    if let Some(last) = parts.last() {
        found.push((name.unwrap_or(last.clone()), parts));
    }
    at
}
