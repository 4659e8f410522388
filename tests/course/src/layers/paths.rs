//! Paths in source that may name a function.

use crate::source::{Kind, Token};

/// A path in a body: `configuration::append_entries`.
pub(super) struct CallPath<'a> {
    pub(super) parts: Vec<&'a str>,
    /// Whether arguments follow.
    pub(super) is_call: bool,
}

/// The paths in a piece of source that may name a function. What follows a dot is a field or a method.
pub(super) fn paths<'a>(tokens: &[Token<'a>]) -> Vec<CallPath<'a>> {
    let mut paths = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_after_dot = at > 0 && tokens[at - 1].text == ".";
        if tokens[at].kind != Kind::Word || is_after_dot {
            at += 1;
            continue;
        }
        let mut parts = vec![tokens[at].text];
        at += 1;
        while let [sign, word, ..] = &tokens[at..] {
            if sign.text != "::" || word.kind != Kind::Word {
                break;
            }
            parts.push(word.text);
            at += 2;
        }
        let is_call = tokens.get(at).is_some_and(|token| token.text == "(");
        paths.push(CallPath { parts, is_call });
    }
    paths
}
