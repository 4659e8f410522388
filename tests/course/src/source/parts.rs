//! The parts of an item: what is above it, how it is declared, and its body.

use super::outline::{Item, Mark};
use super::tokens::tokens;

/// A function or type, cut into the parts that change for different reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts<'a> {
    /// Its comments and attributes.
    pub above: &'a str,
    /// Its declaration, up to the body.
    pub signature: &'a str,
    /// The `{` of its body and, in an exercise, the comment that says what to write.
    pub opening: &'a str,
    /// The rest of its body.
    pub rest: &'a str,
}

impl<'a> Parts<'a> {
    /// Cuts up an item; `None` if it has no body.
    pub fn of(text: &'a str, item: &Item) -> Option<Self> {
        let body = item.body.clone()?;
        let opened = match &item.mark {
            Some(Mark::Body { comment, .. }) => comment.end,
            _ => body.start + 1,
        };
        Some(Parts {
            above: &text[item.whole.start..item.declared],
            signature: &text[item.declared..body.start],
            opening: &text[body.start..opened],
            rest: &text[opened..item.whole.end],
        })
    }
}

/// Whether two pieces of source differ in nothing but white space.
pub fn are_same(one: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    one == other || letters(one) == letters(other)
}

/// Whether two pieces of source have the same words and signs, whatever the comments and line breaks between them.
/// A comma before a closing bracket, which a formatter adds, makes no difference.
pub fn are_same_code(one: &str, other: &str) -> bool {
    let words = |text: &str| {
        let all: Vec<String> = tokens(text).iter().map(|token| token.text.to_owned()).collect();
        let is_kept = |at: &usize| {
            let next = all.get(at + 1).map(String::as_str);
            all[*at] != "," || !matches!(next, None | Some(")" | "]" | "}" | ">"))
        };
        (0..all.len()).filter(is_kept).map(|at| all[at].clone()).collect::<Vec<_>>()
    };
    words(one) == words(other)
}

#[cfg(test)]
mod tests {
    use super::super::Outline;
    use super::*;

    #[test]
    fn an_item_is_cut_into_its_parts() {
        let text = "/// Docs.\n#[x]\nfn a(b: u8) -> u8 {\n    // Exercise 1.2: x\n    b\n}\n";
        let items = Outline::read(text).items;
        let parts = Parts::of(text, &items[0]).unwrap();
        assert_eq!(parts.above, "/// Docs.\n#[x]\n");
        assert_eq!(parts.signature, "fn a(b: u8) -> u8 ");
        assert_eq!(parts.opening, "{\n    // Exercise 1.2: x\n");
        assert_eq!(parts.rest, "    b\n}");
        let text = "pub enum A { B }\nuse a::b;\n";
        let items = Outline::read(text).items;
        assert_eq!(Parts::of(text, &items[0]).unwrap().rest, " B }");
        assert_eq!(Parts::of(text, &items[1]), None);
    }

    #[test]
    fn comments_and_line_breaks_are_not_code() {
        assert!(are_same_code("fn a(\n    b: u8, // c\n) ", "fn a(b: u8)"));
        assert!(!are_same_code("fn a(b: u8)", "fn a(b: u16)"));
        assert!(are_same("a b\n c", "a b c") && !are_same("a // b", "a"));
    }
}
