//! Reads the outline of a Rust file.

use std::ops::Range;

use super::outline::{Fault, Item, ItemKind, Mark, Outline};
use super::place::{line_number, line_start, marker};
use super::tokens::{Kind, Token, tokens};

impl Outline {
    /// Reads a file.
    pub fn read(text: &str) -> Self {
        let tokens = tokens(text);
        let fault = fault(text, &tokens);
        let mut reader =
            Reader { text, tokens, at: 0, is_lenient: fault.is_some(), items: Vec::new() };
        reader.items("", None);
        Outline { items: reader.items, fault }
    }
}

fn fault(text: &str, tokens: &[Token<'_>]) -> Option<Fault> {
    let fault = |token: &Token<'_>, what: &str| {
        let what = format!("`{}` {what}", token.text);
        Some(Fault { line: line_number(text, token.start), what })
    };
    let mut open: Vec<&Token<'_>> = Vec::new();
    for token in tokens {
        match token.kind {
            Kind::Open => open.push(token),
            Kind::Close => match open.pop() {
                Some(opened) if partner(opened.text) == token.text => {}
                Some(opened) => return fault(opened, "is closed by another bracket"),
                None => return fault(token, "closes nothing"),
            },
            _ => {}
        }
    }
    open.last().and_then(|token| fault(token, "is never closed"))
}

fn partner(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}

struct Reader<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    /// Whether an item also ends where the next one begins in the same column. In a file in which a bracket
    /// is missing, nothing else shows where it ends.
    is_lenient: bool,
    items: Vec<Item>,
}

impl<'a> Reader<'a> {
    /// Reads items up to the end of the file, or of the container whose column is given.
    fn items(&mut self, path: &str, column: Option<usize>) {
        while let Some(token) = self.peek() {
            let is_over = token.kind == Kind::Close || self.begins_item_at(column);
            if is_over && column.is_some() {
                return;
            }
            if token.kind == Kind::Close || token.text == ";" {
                self.at += 1;
            } else {
                self.item(path);
            }
        }
    }

    fn item(&mut self, path: &str) {
        let first = self.at;
        self.attributes();
        let Some(declared) = self.peek().map(|token| token.start) else { return };
        let column = declared - line_start(self.text, declared);
        self.qualifiers();
        let keyword = self.next().map_or("", |token| token.text);
        let start = self.tokens[first].start;
        let mut item = Item {
            kind: ItemKind::Other,
            path: String::new(),
            whole: start..start,
            declared,
            body: None,
            mark: None,
        };
        // An implementation has no name, but its methods have that of the type.
        let mut inner = String::new();
        match keyword {
            "fn" | "enum" | "union" | "struct" | "trait" | "mod" => {
                item.path = join(path, self.next().map_or("", |token| token.text));
                self.skip_to(&["{", ";"]);
            }
            "impl" => inner = join(path, &self.implementation()),
            "const" | "static" | "type" => {
                let name = self.next().filter(|token| token.text != "mut").or_else(|| self.next());
                item.path = join(path, name.map_or("", |token| token.text));
                self.skip_to(&[";"]);
            }
            // A macro ends with its braces, everything else with a semicolon.
            _ => self.skip_to(&["{", ";"]),
        }
        item.kind = match keyword {
            "fn" => ItemKind::Fn,
            "enum" | "union" | "struct" => ItemKind::Type,
            "const" | "static" | "type" => ItemKind::Const,
            "impl" | "trait" | "mod" => ItemKind::Container,
            _ => ItemKind::Other,
        };
        if keyword != "impl" {
            inner.clone_from(&item.path);
        }
        // Containers come before what they contain.
        let index = self.items.len();
        self.items.push(item);
        self.body(index, &inner, column);
        if keyword == "use" {
            self.skip_to(&[";"]);
        }
        if self.peek().is_some_and(|token| token.text == ";") {
            self.at += 1;
        }
        let mut item = self.items[index].clone();
        item.whole.end = self.read_up_to();
        self.mark(&mut item);
        self.items[index] = item;
    }

    /// Reads the body of an item. In a container, these are items called `inner::…`.
    fn body(&mut self, index: usize, inner: &str, column: usize) {
        let Some(open) = self.peek().filter(|token| token.text == "{") else { return };
        if self.items[index].kind == ItemKind::Container {
            self.at += 1;
            self.items(inner, Some(column));
            if self.peek().is_some_and(|token| token.kind == Kind::Close) {
                self.at += 1;
            }
        } else {
            self.group(Some(column));
        }
        self.items[index].body = Some(open.start..self.read_up_to());
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.at).copied()
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn read_up_to(&self) -> usize {
        let last = self.at.min(self.tokens.len()).checked_sub(1);
        last.map_or(0, |last| self.tokens[last].end())
    }

    /// Skips attributes in front of an item.
    fn attributes(&mut self) {
        while self.peek().is_some_and(|token| token.text == "#") {
            self.at += 1;
            if self.peek().is_some_and(|token| token.text == "!") {
                self.at += 1;
            }
            if self.peek().is_some_and(|token| token.kind == Kind::Open) {
                self.group(None);
            }
        }
    }

    /// Skips visibility and the like.
    fn qualifiers(&mut self) {
        while let Some(token) = self.peek() {
            let after = self.tokens.get(self.at + 1);
            let is_fn =
                |token: &Token<'_>| matches!(token.text, "fn" | "async" | "unsafe" | "extern");
            match token.text {
                "pub" => {
                    self.at += 1;
                    if self.peek().is_some_and(|token| token.text == "(") {
                        self.group(None);
                    }
                }
                "async" | "unsafe" => self.at += 1,
                "extern" if after.is_none_or(|token| token.text != "crate") => {
                    self.at += 1;
                    if self.peek().is_some_and(|token| token.kind == Kind::Literal) {
                        self.at += 1;
                    }
                }
                "const" if after.is_some_and(is_fn) => self.at += 1,
                _ => return,
            }
        }
    }

    /// Skips to one of these texts, over what is in brackets.
    fn skip_to(&mut self, texts: &[&str]) {
        while let Some(token) = self.peek() {
            if texts.contains(&token.text) || token.kind == Kind::Close {
                return;
            }
            if token.kind == Kind::Open {
                self.group(None);
            } else {
                self.at += 1;
            }
        }
    }

    /// Skips brackets with all that is in them; if a bracket is missing, up to the next item in `column`.
    fn group(&mut self, column: Option<usize>) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            if depth > 0 && self.begins_item_at(column) {
                return;
            }
            self.at += 1;
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// Whether an item that begins in `column` must be over, because another begins there or before it.
    fn begins_item_at(&self, column: Option<usize>) -> bool {
        const BEGINNINGS: [&str; 13] = [
            "#", "pub", "fn", "enum", "struct", "impl", "mod", "trait", "const", "static", "use",
            "type", "unsafe",
        ];
        let (Some(column), Some(token), true) = (column, self.peek(), self.is_lenient) else {
            return false;
        };
        let before = &self.text[line_start(self.text, token.start)..token.start];
        before.trim().is_empty() && before.len() <= column && BEGINNINGS.contains(&token.text)
    }

    /// `A<T>` of `impl<T> A<T>`, `A as Debug` of `impl Debug for A`.
    fn implementation(&mut self) -> String {
        if self.peek().is_some_and(|token| token.text == "<") {
            self.angles();
        }
        let first = self.type_name();
        if self.peek().is_some_and(|token| token.text == "for") {
            self.at += 1;
            let implementor = self.type_name();
            self.skip_to(&["{", ";"]);
            return format!("{implementor} as {first}");
        }
        self.skip_to(&["{", ";"]);
        first.to_owned()
    }

    /// The text up to `for`, `where` or a body.
    fn type_name(&mut self) -> &'a str {
        let first = self.at;
        while self.peek().is_some_and(|t| !matches!(t.text, "{" | ";" | "where" | "for")) {
            if self.peek().is_some_and(|token| token.text == "<") {
                self.angles();
            } else {
                self.at += 1;
            }
        }
        let read = self.tokens.get(first..self.at).unwrap_or_default();
        match (read.first(), read.last()) {
            (Some(first), Some(last)) => &self.text[first.start..last.end()],
            _ => "",
        }
    }

    /// Skips `<…>`.
    fn angles(&mut self) {
        let mut depth = 0_usize;
        while let Some(token) = self.peek() {
            match token.text {
                "<" => depth += 1,
                ">" => depth = depth.saturating_sub(1),
                "{" | ";" => return,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }

    /// Finds the comment directly above an item and the one that opens its body, and what they say.
    fn mark(&self, item: &mut Item) {
        let docs = line_start(self.text, item.whole.start);
        let mut start = docs;
        while start > 0 {
            let above = line_start(self.text, start - 1);
            let line = self.text[above..start].trim_start();
            if !line.starts_with("//") || line.starts_with("//!") {
                break;
            }
            start = above;
        }
        let above = &self.text[start..docs];
        item.whole.start = start;
        item.mark = if above.trim_start().starts_with("// Solution only") {
            Some(Mark::SolutionOnly)
        } else {
            marker(above, "//").map(Mark::Above)
        };
        if let (ItemKind::Fn, Some(body), None) = (item.kind, &item.body, &item.mark) {
            item.mark = body_mark(self.text, body);
        }
    }
}

/// What the comment says that opens a body, on the lines below its brace. A line `// Approach: …` ends it: what
/// follows is for readers of the reference.
fn body_mark(text: &str, body: &Range<usize>) -> Option<Mark> {
    let first = text[body.start + 1..body.end].find('\n')?;
    let start = body.start + 1 + first + 1;
    let lines = text[start..body.end].split_inclusive('\n');
    let lines = lines.take_while(|line| {
        let line = line.trim_start();
        line.starts_with("//") && !line.starts_with("// Approach:")
    });
    let end = start + lines.map(str::len).sum::<usize>();
    let comment = &text[start..end];
    let id = marker(comment, "//")?;
    let until_then = comment
        .lines()
        .find_map(|line| line.trim_start().strip_prefix("// Until then: "))
        .map(|expression| expression.trim().to_owned());
    Some(Mark::Body { id, comment: start..end, until_then })
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}::{name}") }
}

#[cfg(test)]
mod tests;
