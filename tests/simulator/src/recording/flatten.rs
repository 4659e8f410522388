//! What a server prints of itself (`Debug`), as paths and values: `role.progress[2].match_index` is `3`.
//!
//! A learner's own `Debug` may print anything. So the reader never fails and takes one pass: a text that is not what
//! `derive(Debug)` prints is one value.

use std::collections::BTreeMap;
use std::fmt::Debug;

/// Nothing that is nested more deeply is taken apart.
const DEEPEST: usize = 32;

/// A value that is longer than this is cut off: it is shown in one line.
const LONGEST: usize = 160;

/// A value as paths and values.
pub fn flatten(value: &dyn Debug) -> BTreeMap<String, String> {
    flatten_text(&format!("{value:?}"))
}

/// What `{:?}` has printed, as paths and values.
pub fn flatten_text(text: &str) -> BTreeMap<String, String> {
    let mut reader = Reader { rest: text, all: BTreeMap::new() };
    let is_read = reader.value("", DEEPEST).is_some() && reader.rest.trim().is_empty();
    if is_read {
        return reader.all;
    }
    BTreeMap::from([(String::new(), shortened(text))])
}

fn shortened(text: &str) -> String {
    let mut chars = text.chars();
    let mut short: String = chars.by_ref().take(LONGEST).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

struct Reader<'a> {
    rest: &'a str,
    all: BTreeMap<String, String>,
}

impl<'a> Reader<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.skip_blanks();
        let rest = self.rest.strip_prefix(mark);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn put(&mut self, path: &str, value: &str) {
        self.all.insert(path.to_owned(), shortened(value));
    }

    /// Reads a value; `None` if there is none.
    fn value(&mut self, path: &str, depth: usize) -> Option<()> {
        self.skip_blanks();
        let before = self.rest;
        if depth == 0 {
            return None;
        }
        if let Some(literal) = self.literal() {
            self.put(path, literal);
            return Some(());
        }
        let name = self.atom();
        let after_name = self.rest;
        match self.rest.trim_start().chars().next() {
            Some('(') => {
                self.takes("(");
                self.items(path, name, ')', depth)
            }
            Some('[') if name.is_empty() => {
                self.takes("[");
                self.items(path, "[]", ']', depth)
            }
            // After a name, a brace opens fields only if a space is between them: `Name { … }`.
            Some('{') => {
                self.takes("{");
                self.fields(path, name, depth)
            }
            _ if name.is_empty() => {
                self.rest = before;
                None
            }
            _ => {
                self.rest = after_name;
                self.put(path, name.trim_end());
                Some(())
            }
        }
    }

    /// A string, a string of bytes or a character.
    fn literal(&mut self) -> Option<&'a str> {
        let text = self.rest;
        let from = usize::from(text.starts_with("b\"") || text.starts_with("b'"));
        let quote = text[from..].chars().next().filter(|&c| c == '"' || c == '\'')?;
        let mut is_escaped = false;
        for (at, c) in text[from..].char_indices().skip(1) {
            match c {
                _ if is_escaped => is_escaped = false,
                '\\' => is_escaped = true,
                c if c == quote => {
                    let end = from + at + 1;
                    self.rest = &text[end..];
                    return Some(&text[..end]);
                }
                _ => {}
            }
        }
        None
    }

    /// Everything up to the next mark. A path of two names, like `a::B`, is one.
    fn atom(&mut self) -> &'a str {
        let text = self.rest;
        let mut end = text.len();
        for (at, c) in text.char_indices() {
            let is_path = c == ':' && (text[at..].starts_with("::") || text[..at].ends_with(':'));
            if "(){}[],".contains(c) || (c == ':' && !is_path) {
                end = at;
                break;
            }
        }
        self.rest = &text[end..];
        text[..end].trim()
    }

    /// The items of a list or a tuple. A tuple with a name and one item, like `Term(3)`, is that item.
    fn items(&mut self, path: &str, name: &str, end: char, depth: usize) -> Option<()> {
        let mut end_mark = [0; 4];
        let end_mark = &*end.encode_utf8(&mut end_mark);
        let mut count = 0;
        while !self.takes(end_mark) {
            let is_first_alone = end == ')' && !name.is_empty() && count == 0;
            let item = if is_first_alone { path.to_owned() } else { format!("{path}[{count}]") };
            let before = self.all.len();
            self.value(&item, depth - 1)?;
            if name == "ServerId" && self.all.len() == before + 1 {
                // Two in a row would be a list of one kind, and print the same.
                if let Some(number) = self.all.get_mut(&item) {
                    number.insert(0, 'S');
                }
            }
            count += 1;
            if !self.takes(",") && !self.rest.trim_start().starts_with(end) {
                return None;
            }
        }
        if count == 0 {
            let empty = if end == ']' { "[]".to_owned() } else { format!("{name}()") };
            self.put(path, &empty);
        }
        Some(())
    }

    /// The fields of a struct, or the items of a map or a set.
    fn fields(&mut self, path: &str, name: &str, depth: usize) -> Option<()> {
        let mut count = 0;
        if !name.is_empty() {
            // So that a change of variant shows, whatever the fields are.
            self.put(path, name);
        }
        while !self.takes("}") {
            if self.takes("..") {
                continue;
            }
            let mut key = Reader { rest: self.rest, all: BTreeMap::new() };
            key.value("", depth - 1)?;
            let values: Vec<String> = key.all.into_values().collect();
            let (key_text, after) = (values.join(" "), key.rest);
            self.rest = after;
            if self.takes(":") {
                let item = match (path.is_empty(), name.is_empty()) {
                    (true, false) => key_text,
                    (_, true) => format!("{path}[{key_text}]"),
                    _ => format!("{path}.{key_text}"),
                };
                self.value(&item, depth - 1)?;
            } else {
                self.put(&format!("{path}{{{key_text}}}"), "in it");
            }
            count += 1;
            if !self.takes(",") && !self.rest.trim_start().starts_with('}') {
                return None;
            }
        }
        if count == 0 && name.is_empty() {
            self.put(path, "{}");
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use protocol::{ServerId, Term};

    use super::*;

    #[derive(Debug)]
    #[allow(dead_code, reason = "printed by Debug alone")]
    enum Role {
        Leader { progress: BTreeMap<ServerId, Progress> },
    }

    #[derive(Debug)]
    #[allow(dead_code, reason = "printed by Debug alone")]
    struct Progress {
        next_index: u64,
    }

    fn lines(text: &str) -> Vec<String> {
        flatten_text(text).into_iter().map(|(path, value)| format!("{path} = {value}")).collect()
    }

    #[test]
    fn derived_output_becomes_paths() {
        let progress = BTreeMap::from([(ServerId(2), Progress { next_index: 3 })]);
        let role = Role::Leader { progress };
        let text = format!(
            "Node {{ term: {:?}, role: {role:?}, vote: {:?} }}",
            Term(4),
            Some(ServerId(1))
        );
        let expected = [
            " = Node",
            "role = Leader",
            "role.progress[S2] = Progress",
            "role.progress[S2].next_index = 3",
            "term = 4",
            "vote = S1",
        ];
        assert_eq!(lines(&text), expected);
    }

    #[test]
    fn lists_sets_and_texts_are_read() {
        let votes: BTreeSet<ServerId> = [ServerId(1), ServerId(3)].into();
        assert_eq!(lines(&format!("{votes:?}")), ["{S1} = in it", "{S3} = in it"]);
        assert_eq!(
            lines("[(1, b\"a, b\"), (2, \"}\")]"),
            ["[0][0] = 1", "[0][1] = b\"a, b\"", "[1][0] = 2", "[1][1] = \"}\"",]
        );
        assert_eq!(lines("A { b: [], c: {}, .. }"), [" = A", "b = []", "c = {}"]);
        assert_eq!(lines("150ms..300ms"), [" = 150ms..300ms"]);
    }

    #[test]
    fn what_is_not_derived_is_one_value() {
        for text in ["", "A { b", "}{", "\"open", "a b) c", "((((", "Rules { .. ", "b'", "é{"] {
            assert_eq!(lines(text), [format!(" = {text}")], "{text}");
        }
        let deep = "[".repeat(100_000);
        assert_eq!(flatten_text(&deep).len(), 1);
    }
}
