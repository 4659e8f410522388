//! The words and brackets of Rust source, without comments.
//!
//! This is not a parser. It knows exactly as much as is needed to tell code from text: strings, characters,
//! lifetimes and comments. So it also reads a file that does not compile.

use std::ops::Range;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An identifier, a keyword or a number.
    Word,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// A string or a character.
    Literal,
    /// Anything else: one character, or one of `::`, `->` and `=>`.
    Sign,
}

/// A piece of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Where it begins, in bytes.
    pub start: usize,
}

impl Token<'_> {
    /// Where it ends, in bytes.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Its place, in bytes.
    pub fn range(&self) -> Range<usize> {
        self.start..self.end()
    }
}

/// The tokens of a text.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        if let Some(skipped) = blank_or_comment(rest, first) {
            at += skipped;
            continue;
        }
        let (kind, length) = token(rest, first);
        tokens.push(Token { kind, text: &rest[..length], start: at });
        at += length;
    }
    tokens
}

/// How long the white space or comment is that `rest` begins with.
fn blank_or_comment(rest: &str, first: char) -> Option<usize> {
    if first.is_whitespace() {
        return Some(first.len_utf8());
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    rest.starts_with("/*").then(|| block_comment(rest))
}

/// How long a block comment is. It may contain others.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn token(rest: &str, first: char) -> (Kind, usize) {
    if let Some(length) = raw_string(rest) {
        return (Kind::Literal, length);
    }
    if is_word(first) {
        return (Kind::Word, rest.find(|c| !is_word(c)).unwrap_or(rest.len()));
    }
    match first {
        '(' | '[' | '{' => (Kind::Open, 1),
        ')' | ']' | '}' => (Kind::Close, 1),
        '"' => (Kind::Literal, quoted(rest, '"')),
        '\'' => character_or_lifetime(rest),
        _ if ["::", "->", "=>"].iter().any(|sign| rest.starts_with(sign)) => (Kind::Sign, 2),
        _ => (Kind::Sign, first.len_utf8()),
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// How long the raw string is that `rest` begins with: `r"…"`, `r#"…"#`, `br"…"`, `cr"…"`.
fn raw_string(rest: &str) -> Option<usize> {
    let prefix = ["r", "br", "cr"].iter().find(|prefix| {
        let after = rest.strip_prefix(**prefix).unwrap_or_default();
        after.trim_start_matches('#').starts_with('"')
    })?;
    let after = &rest[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(hashes));
    let opened = prefix.len() + hashes + 1;
    Some(rest[opened..].find(&end).map_or(rest.len(), |at| opened + at + end.len()))
}

/// How long the quoted text is that `rest` begins with.
fn quoted(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if !is_escaped && c == quote {
            return at + c.len_utf8();
        }
        is_escaped = !is_escaped && c == '\\';
    }
    rest.len()
}

fn character_or_lifetime(rest: &str) -> (Kind, usize) {
    let mut chars = rest.chars().skip(1);
    let (second, third) = (chars.next(), chars.next());
    if second == Some('\\') || third == Some('\'') {
        return (Kind::Literal, quoted(rest, '\''));
    }
    let name = rest[1..].find(|c| !is_word(c)).unwrap_or(rest.len() - 1);
    (Kind::Word, 1 + name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        tokens(text).iter().map(|token| token.text).collect()
    }

    #[test]
    fn brackets_in_text_and_comments_are_none() {
        let text = "f('{', '\\'', \"}\\\"\", r#\"\"}\"#, b\"{\") // {\n/* { /* } */ { */ 'a: {}";
        assert_eq!(
            texts(text),
            [
                "f",
                "(",
                "'{'",
                ",",
                "'\\''",
                ",",
                "\"}\\\"\"",
                ",",
                "r#\"\"}\"#",
                ",",
                "b",
                "\"{\"",
                ")",
                "'a",
                ":",
                "{",
                "}"
            ]
        );
    }

    #[test]
    fn signs_of_two_characters_are_one_token() {
        assert_eq!(texts("a::b->c=>d<'a>"), ["a", "::", "b", "->", "c", "=>", "d", "<", "'a", ">"]);
        assert_eq!(texts("\"never closed"), ["\"never closed"]);
    }
}
