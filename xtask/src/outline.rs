//! The outline of a Rust file: its functions and types, and the exercises that they are marked with.

use std::ops::Range;

use anyhow::{Result, anyhow};
use syn::spanned::Spanned as _;

use crate::course::Id;

/// A function or type in a file.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where it is to be found: `Log::last_index`.
    pub(crate) path: String,
    /// All of it, from the comment directly above it (or its docs) on. In bytes, as all ranges here.
    pub(crate) whole: Range<usize>,
    /// From its `{` to its `}`, both included.
    pub(crate) body: Option<Range<usize>>,
    /// What it is to a stub.
    pub(crate) mark: Option<Mark>,
}

/// What a comment says that an item is.
#[derive(Clone, Debug)]
pub(crate) enum Mark {
    /// A function with `// Exercise 2.3: …` in front of its first statement.
    Body {
        id: Id,
        /// That comment, with its line ends.
        comment: Range<usize>,
        /// What a stub does instead, if not `todo!`: `// Until then: None`.
        until_then: Option<String>,
    },
    /// A type with `// Exercise 1.1: …` above it.
    Type(Id),
    /// `// Solution only`: what a stub goes without.
    SolutionOnly,
}

impl Mark {
    pub(crate) fn exercise(&self) -> Option<Id> {
        match self {
            Mark::Body { id, .. } | Mark::Type(id) => Some(*id),
            Mark::SolutionOnly => None,
        }
    }
}

/// The items of a file, in their order.
///
/// # Errors
/// If the file is no Rust, with the line where it ceases to be.
pub(crate) fn read(text: &str) -> Result<Vec<Item>> {
    let file = syn::parse_file(text)
        .map_err(|error| anyhow!("line {}: {error}", error.span().start().line))?;
    let mut reader = Reader { text, items: Vec::new() };
    reader.items(&file.items, "");
    Ok(reader.items)
}

struct Reader<'a> {
    text: &'a str,
    items: Vec<Item>,
}

impl Reader<'_> {
    fn items(&mut self, items: &[syn::Item], path: &str) {
        for item in items {
            let whole = item.span().byte_range();
            let named = |name: &syn::Ident| join(path, &name.to_string());
            match item {
                syn::Item::Fn(f) => self.function(named(&f.sig.ident), whole, Some(&f.block)),
                syn::Item::Enum(e) => {
                    let body = e.brace_token.span.join().byte_range();
                    self.add(named(&e.ident), whole, Some(body));
                }
                syn::Item::Struct(s) => {
                    let body = match &s.fields {
                        syn::Fields::Named(fields) => Some(fields.brace_token.span.join()),
                        _ => None,
                    };
                    self.add(named(&s.ident), whole, body.map(|span| span.byte_range()));
                }
                syn::Item::Mod(m) => {
                    let path = named(&m.ident);
                    self.add(path.clone(), whole, None);
                    if let Some((_, inner)) = &m.content {
                        self.items(inner, &path);
                    }
                }
                syn::Item::Impl(i) => self.implementation(i, whole, path),
                syn::Item::Trait(t) => {
                    let path = named(&t.ident);
                    self.add(path.clone(), whole, None);
                    for item in &t.items {
                        let whole = item.span().byte_range();
                        if let syn::TraitItem::Fn(f) = item {
                            let name = join(&path, &f.sig.ident.to_string());
                            self.function(name, whole, f.default.as_ref());
                        }
                    }
                }
                // Imports, constants and the like have no name here; no exercise asks for one.
                _ => self.add(String::new(), whole, None),
            }
        }
    }

    fn implementation(&mut self, i: &syn::ItemImpl, whole: Range<usize>, path: &str) {
        let slice = |range: Range<usize>| self.text.get(range).unwrap_or_default();
        let mut name = join(path, slice(i.self_ty.span().byte_range()));
        if let Some((of, _)) = &i.trait_ {
            name = format!("{name} as {}", slice(of.span().byte_range()));
        }
        self.add(String::new(), whole, None);
        for item in &i.items {
            let whole = item.span().byte_range();
            match item {
                syn::ImplItem::Fn(f) => {
                    self.function(join(&name, &f.sig.ident.to_string()), whole, Some(&f.block));
                }
                _ => self.add(String::new(), whole, None),
            }
        }
    }

    fn function(&mut self, path: String, whole: Range<usize>, block: Option<&syn::Block>) {
        let body = block.map(|block| block.brace_token.span.join().byte_range());
        // Without a body for `add`: a function is marked inside of it, a mark above it is a mistake.
        self.add(path, whole, None);
        let Some(body) = body else { return };
        // What opens the body: the lines of comment below the brace.
        let Some(first) = self.text[body.start + 1..body.end].find('\n') else { return };
        let start = body.start + 1 + first + 1;
        let mut end = start;
        for line in self.text[start..body.end].split_inclusive('\n') {
            if !line.trim_start().starts_with("//") {
                break;
            }
            end += line.len();
        }
        let comment = &self.text[start..end];
        let Some(id) = marker(comment, "//") else { return };
        let until_then = comment
            .lines()
            .find_map(|line| line.trim_start().strip_prefix("// Until then: "))
            .map(|expression| expression.trim().to_owned());
        let mark = Mark::Body { id, comment: start..end, until_then };
        if let Some(item) = self.items.last_mut() {
            item.mark.get_or_insert(mark);
            item.body = Some(body);
        }
    }

    /// Adds an item, with the comment directly above it.
    fn add(&mut self, path: String, whole: Range<usize>, body: Option<Range<usize>>) {
        let mut start = line_start(self.text, whole.start);
        let docs = start;
        while start > 0 {
            let above = line_start(self.text, start - 1);
            if !self.text[above..start].trim_start().starts_with("//")
                || self.text[above..start].trim_start().starts_with("//!")
            {
                break;
            }
            start = above;
        }
        let above = &self.text[start..docs];
        let mark = if above.trim_start().starts_with("// Solution only") {
            Some(Mark::SolutionOnly)
        } else {
            marker(above, "//").map(Mark::Type)
        };
        self.items.push(Item { path, whole: start..whole.end, body, mark });
    }
}

/// The exercise that a comment is about, if it opens with `Exercise 2.3:` behind `sign`.
pub(crate) fn marker(comment: &str, sign: &str) -> Option<Id> {
    let text = comment.trim_start().strip_prefix(sign)?.strip_prefix(" Exercise ")?;
    text.split_once(':')?.0.parse().ok()
}

/// Where the line begins that `place` is in.
pub(crate) fn line_start(text: &str, place: usize) -> usize {
    text[..place].rfind('\n').map_or(0, |end| end + 1)
}

/// The number of the line that `place` is in, from 1.
pub(crate) fn line_number(text: &str, place: usize) -> usize {
    text[..place].matches('\n').count() + 1
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}
