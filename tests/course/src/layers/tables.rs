//! Tables of rules: which rows there are, and which function a table has for each.

use super::paths::paths;
use super::tree::{Function, Tree};
use crate::error::Error;
use crate::source::{Item, ItemKind, Kind, Token, tokens};

/// The struct that has a field for each row.
const STRUCT: &str = "Rules";

/// The constant that is a module's table.
const TABLE: &str = "RULES";

/// The rows in the order of the struct, with the first sentence about each.
pub(super) fn rows(tree: &Tree) -> Result<Vec<(String, String)>, Error> {
    let files = tree.crates.iter().flat_map(|krate| &krate.files);
    let found = files.flat_map(|file| file.outline.items.iter().map(move |item| (file, item)));
    let (file, item) = found
        .into_iter()
        .find(|(_, item)| item.kind == ItemKind::Type && item.path == STRUCT)
        .ok_or_else(|| Error::new(format!("no module has a struct `{STRUCT}`")))?;
    let body = item.body.clone().unwrap_or_default();
    Ok(fields(&file.text[body]))
}

/// The fields of a struct's body, with the first sentence of the docs of each. A row is a function.
fn fields(body: &str) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut docs: Vec<&str> = Vec::new();
    let mut is_whole = true;
    for line in body.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            docs.push(doc.trim());
            continue;
        }
        let declared = line.strip_prefix("pub ").unwrap_or(line).split_once(':');
        if let Some((name, _)) = declared.filter(|(name, _)| is_whole && is_name(name)) {
            let says = docs.join(" ");
            let says = says.split_once(". ").map_or(says.clone(), |(first, _)| format!("{first}."));
            fields.push((name.to_owned(), says));
        }
        is_whole = line.ends_with(',') || line.ends_with('{') || line.is_empty();
        docs.clear();
    }
    fields
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// The function that the table of a crate has for a row: its own, or that of the table below. `None` if no
/// table has more for it than a closure that calls nothing.
pub(super) fn function(tree: &Tree, krate: usize, row: &str) -> Result<Option<Function>, Error> {
    let mut name = TABLE.to_owned();
    let mut krate = krate;
    loop {
        let (file, item) = table(tree, krate, &name)?;
        let source = &tree.crates[krate].files[file];
        let Some(entries) = item_entries(&source.text, item) else { return Ok(None) };
        if let Some(entry) = entries.iter().find(|entry| entry.name == row) {
            return Ok(entry.function(tree, (krate, file), row));
        }
        let Some(base) = entries.into_iter().find(|entry| entry.name == "..") else {
            return Ok(None);
        };
        // `..election::RULES` is the table of the crate below, `..OTHER` one of this crate.
        let path: Vec<&str> = base.words().collect();
        match path.split_last() {
            Some((last, [])) => name = (*last).to_owned(),
            Some((last, _)) if krate > 0 => (krate, name) = (krate - 1, (*last).to_owned()),
            _ => return Ok(None),
        }
    }
}

fn table<'a>(tree: &'a Tree, krate: usize, name: &str) -> Result<(usize, &'a Item), Error> {
    let files = tree.crates[krate].files.iter().enumerate();
    let found = files.flat_map(|(at, file)| file.outline.items.iter().map(move |item| (at, item)));
    found
        .into_iter()
        .find(|(_, item)| item.kind == ItemKind::Const && item.path == name)
        .ok_or_else(|| {
            let lib = &tree.crates[krate].files[0].path;
            Error::new(format!("there is no table `{name}` beside {}", lib.display()))
        })
}

/// An entry of a table: a row, or `..` for what the others come from.
struct Entry<'a> {
    name: &'a str,
    value: Vec<Token<'a>>,
}

impl<'a> Entry<'a> {
    fn words(&self) -> impl Iterator<Item = &'a str> {
        self.value.iter().filter(|token| token.kind == Kind::Word).map(|token| token.text)
    }

    /// The function that the entry names. In a closure, it is the one called like the row, or else the last
    /// one.
    fn function(&self, tree: &Tree, place: (usize, usize), row: &str) -> Option<Function> {
        if self.value.is_empty() {
            return tree.resolve(place, &[self.name]);
        }
        let paths = paths(&self.value);
        let functions: Vec<(Function, &str)> = paths
            .iter()
            .filter_map(|path| Some((tree.resolve(place, &path.parts)?, *path.parts.last()?)))
            .collect();
        let called_like_row = functions.iter().find(|(_, name)| *name == row);
        called_like_row.or(functions.last()).map(|(function, _)| *function)
    }
}

/// The entries of the struct literal that a constant is.
fn item_entries<'a>(text: &'a str, item: &Item) -> Option<Vec<Entry<'a>>> {
    let all = tokens(&text[item.declared..item.whole.end]);
    let open = all.iter().position(|token| token.text == "{")?;
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut depth = 0_usize;
    let mut is_new = true;
    // A comma between the bars of a closure separates parameters, not entries.
    let mut is_between_bars = false;
    for token in &all[open + 1..] {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close if depth == 0 => break,
            Kind::Close => depth -= 1,
            _ => {}
        }
        is_between_bars ^= token.text == "|";
        if depth == 0 && !is_between_bars && token.text == "," {
            is_new = true;
        } else if is_new {
            let name = if token.text == "." { ".." } else { token.text };
            entries.push(Entry { name, value: Vec::new() });
            is_new = false;
        } else if let Some(entry) = entries.last_mut() {
            let is_sign_between = entry.value.is_empty() && matches!(token.text, ":" | ".");
            if !is_sign_between {
                entry.value.push(*token);
            }
        }
    }
    Some(entries)
}
