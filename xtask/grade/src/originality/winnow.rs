//! Winnowing: a few hashes that stand for a text, so that two texts with a long passage in common share a hash.
//!
//! Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD 2003). Of each window
//! of consecutive hashes, the least is kept. So a passage of at least `GRAM + WINDOW - 1` tokens that two texts share is
//! always found, and one shorter than `GRAM` never is. (The paper also keeps places, and so says which of several equal
//! hashes to keep.)

use std::collections::BTreeSet;

use course::source::{Kind, tokens};
use twox_hash::XxHash3_128;

/// How many tokens a hash is made from.
const GRAM: usize = 9;

/// How many consecutive hashes a window has.
const WINDOW: usize = 6;

/// A text's fingerprints.
pub(super) type Fingerprints = BTreeSet<u128>;

/// Words that are the language's. All other words are alike: names are the first thing that a copy changes.
const KEYWORDS: [&str; 31] = [
    "as", "break", "const", "continue", "else", "enum", "false", "fn", "for", "if", "impl", "in",
    "let", "loop", "match", "mod", "move", "mut", "pub", "ref", "return", "self", "Self", "static",
    "struct", "super", "trait", "true", "type", "use", "while",
];

/// The fingerprints of Rust.
pub(super) fn of_rust(text: &str) -> Fingerprints {
    let words = tokens(text).into_iter().map(|token| match token.kind {
        Kind::Word if KEYWORDS.contains(&token.text) => token.text,
        Kind::Word if token.text.starts_with(|it: char| it.is_ascii_digit()) => "0",
        Kind::Word => "a",
        Kind::Literal => "\"\"",
        Kind::Open | Kind::Close | Kind::Sign => token.text,
    });
    of_tokens(&words.collect::<Vec<_>>())
}

/// The fingerprints of a scenario, a proof, or answers: words as they are.
pub(super) fn of_words(text: &str) -> Fingerprints {
    of_tokens(&text.split_whitespace().collect::<Vec<_>>())
}

fn of_tokens(tokens: &[&str]) -> Fingerprints {
    let hash = |gram: &[&str]| XxHash3_128::oneshot(gram.join("\u{1f}").as_bytes());
    let hashes: Vec<u128> = tokens.windows(GRAM).map(hash).collect();
    if hashes.len() < WINDOW {
        return hashes.into_iter().min().into_iter().collect();
    }
    let least = |window: &[u128]| window.iter().copied().min();
    hashes.windows(WINDOW).filter_map(least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(range: std::ops::Range<u32>) -> String {
        range.fold(String::new(), |text, number| text + "w" + &number.to_string() + " ")
    }

    #[test]
    fn a_long_passage_in_common_is_always_found() {
        let passage = words(100..100 + u32::try_from(GRAM + WINDOW - 1).unwrap());
        for before in 0..30 {
            let one = words(0..before) + &passage + &words(500..520);
            let other = words(1_000..1_007) + &passage + &words(2_000..2_000 + before);
            assert!(!of_words(&one).is_disjoint(&of_words(&other)), "{before}");
        }
    }

    #[test]
    fn a_short_passage_in_common_is_never_found() {
        let passage = words(100..100 + u32::try_from(GRAM - 1).unwrap());
        for before in 0..30 {
            let one = words(0..before) + &passage + &words(500..520);
            let other = words(1_000..1_007) + &passage + &words(2_000..2_000 + before);
            assert!(of_words(&one).is_disjoint(&of_words(&other)), "{before}");
        }
    }

    #[test]
    fn names_numbers_and_comments_change_nothing() {
        let one = "fn f(x: u64) -> bool { if x > 3 { return true; } let y = g(x, \"a\"); y == x }";
        let other = "fn win(node: Term) -> bool {\n// mine\nif node > 40 { return true; } let z = ask(node, \"b\"); z == node }";
        assert_eq!(of_rust(one), of_rust(other));
        assert_ne!(of_rust(one), of_rust(&one.replace("return true;", "return !true;")));
    }
}
