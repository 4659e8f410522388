//! Finds sources that reach beyond the exercise. A submission that has one is not built: an attribute or a macro
//! can read files while the compiler runs, before any check can watch.
//!
//! The scan works on tokens, so comments and strings are not searched, and a construct is found inside a macro as well.

use std::iter::Peekable;
use std::path::Path;

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};
use serde::{Deserialize, Serialize};

/// A construct that no exercise needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Finding {
    /// The file, as it was handed in.
    pub(crate) file: String,
    pub(crate) line: usize,
    /// What is there: `#[path]`.
    pub(crate) what: String,
}

/// Macros whose names mean nothing else, so the name alone is a finding, even if it is only imported.
const MACROS: [&str; 5] = ["include_str", "include_bytes", "option_env", "global_asm", "naked_asm"];

/// Macros whose names have other meanings, too: they are found where they are called, renamed, or reached by a path.
const COMMON: [&str; 3] = ["include", "env", "asm"];

/// What a file has that no exercise needs. A file that is not Rust, or that cannot be split into tokens, has nothing:
/// the compiler will report it.
pub(crate) fn scan(path: &Path, bytes: &[u8]) -> Vec<Finding> {
    let is_rust = path.extension().is_some_and(|ending| ending == "rs");
    let text = String::from_utf8_lossy(bytes);
    let tokens: TokenStream = match text.parse() {
        Ok(tokens) if is_rust => tokens,
        _ => return Vec::new(),
    };
    let mut scan = Scan { file: xtask::files::shown(path), found: Vec::new() };
    scan.stream(tokens);
    scan.found
}

struct Scan {
    file: String,
    found: Vec<Finding>,
}

impl Scan {
    fn stream(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        // The two tokens before the current one.
        let mut before = [String::new(), String::new()];
        while let Some(token) = tokens.next() {
            match &token {
                TokenTree::Ident(ident) => self.ident(ident, &before, &mut tokens),
                TokenTree::Group(group) => {
                    let is_attribute = group.delimiter() == Delimiter::Bracket
                        && (before[1] == "#" || (before[0] == "#" && before[1] == "!"));
                    if is_attribute {
                        self.attribute(group.stream());
                    }
                    self.stream(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            let [_, last] = before;
            let text = match &token {
                TokenTree::Group(_) => String::new(),
                other => other.to_string(),
            };
            before = [last, text];
        }
    }

    fn ident(
        &mut self,
        ident: &Ident,
        before: &[String; 2],
        rest: &mut Peekable<impl Iterator<Item = TokenTree>>,
    ) {
        let text = ident.to_string();
        let name = text.strip_prefix("r#").unwrap_or(&text);
        let next = rest.peek().map(ToString::to_string).unwrap_or_default();
        let by_path = before[0] == ":" && before[1] == ":";
        let is_common = COMMON.contains(&name) && (next == "!" || next == "as" || by_path);
        if MACROS.contains(&name) || is_common {
            self.found(ident, &format!("{name}!"));
        } else if name == "crate" && before[1] == "extern" {
            self.found(ident, "extern crate");
        } else if before[1] == "$" && next == "!" {
            self.found(ident, "a macro that calls a macro whose name it is passed");
        }
    }

    fn attribute(&mut self, tokens: TokenStream) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident)
                    if ident == "path"
                        && tokens.peek().is_some_and(|next| next.to_string() == "=") =>
                {
                    self.found(&ident, "#[path]");
                }
                TokenTree::Group(group) => self.attribute(group.stream()),
                _ => {}
            }
        }
    }

    fn found(&mut self, ident: &Ident, what: &str) {
        let line = ident.span().start().line;
        self.found.push(Finding { file: self.file.clone(), line, what: what.to_owned() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let findings = scan(Path::new("modules/02-election/src/vote.rs"), text.as_bytes());
        findings.into_iter().map(|finding| format!("{} {}", finding.line, finding.what)).collect()
    }

    #[test]
    fn what_reaches_outside_is_found() {
        for (text, what) in [
            ("#[path = \"../x.rs\"]\nmod x;", "1 #[path]"),
            ("#![cfg_attr(all(), path = \"x.rs\")]", "1 #[path]"),
            ("fn f() {\n    include!(\"/etc/passwd\");\n}", "2 include!"),
            ("const A: &str = include_str!(\"a\");", "1 include_str!"),
            ("use std::include_bytes as read;", "1 include_bytes!"),
            ("extern crate proc_macro;", "1 extern crate"),
            ("const A: &str = core::env!(\"PATH\");", "1 env!"),
            ("use std::env as e;\nconst A: &str = e!(\"PATH\");", "1 env!"),
            ("use std::{env as e};", "1 env!"),
            ("const A: Option<&str> = option_env!(\"A\");", "1 option_env!"),
            ("macro_rules! m { () => { include_str!(\"a\") } }", "1 include_str!"),
            (
                "macro_rules! m { ($m:ident) => { $m!(\"a\") } }",
                "1 a macro that calls a macro whose name it is passed",
            ),
            ("fn f() { r#include_str!(\"a\"); }", "1 include_str!"),
        ] {
            assert!(found(text).contains(&what.to_owned()), "{text}: {:?}", found(text));
        }
    }

    #[test]
    fn ordinary_code_is_not_found() {
        for text in [
            "// include_str!(\"a\")\nfn f(env: u32, path: &str) -> u32 { env }",
            "const A: &str = \"#[path = \\\"x\\\"] extern crate env!\";",
            "#[derive(Clone)]\nstruct Path { path: u32, include: bool }",
            "fn f(x: Path) { let path = x.path; assert!(path == 1); }",
            "macro_rules! m { ($x:expr) => { vec![$x] } }",
            "this is not Rust )",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
        assert!(scan(Path::new("own.scenario"), b"include_str!").is_empty());
    }
}
