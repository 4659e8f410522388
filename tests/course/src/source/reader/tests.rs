//! Which items a file has.

use super::*;

/// Kind, path and exercise of each item that has a name.
fn named(text: &str) -> Vec<(ItemKind, String, String)> {
    let items = Outline::read(text).items.into_iter().filter(|item| !item.path.is_empty());
    items
        .map(|item| {
            let id = item.exercise().map_or(String::new(), |id| id.to_string());
            (item.kind, item.path, id)
        })
        .collect()
}

#[test]
fn items_of_all_kinds_are_found() {
    let text = "#![allow(unused)]\nuse a::{b, c};\nextern crate d;\npub(crate) const fn f<T: Ord>(t: T) \
                -> [u8; 2] where T: Copy {\n    // Exercise 1.2: x\n    [1, 2]\n}\nstruct S(u8);\n\
                #[derive(Debug)]\nenum E { A { x: u8 }, B }\nmacro_rules! m { () => {} }\nm!();\n\
                static mut X: u8 = { 1 };\ntrait T { fn g(); fn h() {} }\nmod n { fn i() {} }\n\
                impl<T> A<T> where T: X {\n    async fn j() {}\n    const K: u8 = 1;\n}\n\
                impl<'a> fmt::Debug for B<'a> { fn l(&self) {} }\ntype O = u8;\n";
    let found = named(text);
    let paths: Vec<&str> = found.iter().map(|(_, path, _)| path.as_str()).collect();
    let expected = [
        "f",
        "S",
        "E",
        "X",
        "T",
        "T::g",
        "T::h",
        "n",
        "n::i",
        "A<T>::j",
        "A<T>::K",
        "B<'a> as fmt::Debug::l",
        "O",
    ];
    assert_eq!(paths, expected);
    assert_eq!(found[0], (ItemKind::Fn, "f".to_owned(), "1.2".to_owned()));
    assert_eq!(Outline::read(text).fault, None);
}

#[test]
fn an_item_begins_with_the_comment_above_it() {
    let text = "//! Docs of the file.\n// Exercise 1.1: roles.\n/// One. Two.\n///\n/// Three.\n\
                #[derive(Debug)]\npub enum Role {}\n\n// Solution only: x\nfn f() {}\n";
    let items = Outline::read(text).items;
    assert!(text[items[0].whole.clone()].starts_with("// Exercise 1.1"));
    assert!(text[items[0].declared..].starts_with("pub enum"));
    assert_eq!(items[0].first_sentence(text), "One.");
    assert!(matches!(items[1].mark, Some(Mark::SolutionOnly)));
    assert_eq!(&text[items[1].body.clone().unwrap()], "{}");
}

#[test]
fn a_body_says_what_happens_until_it_is_written() {
    let text = "fn f() -> u8 {\n    // Exercise 4.7: bonus.\n    // Until then: None\n    1\n}\n";
    let Some(Mark::Body { until_then, comment, .. }) = &Outline::read(text).items[0].mark else {
        panic!("it is not marked");
    };
    assert_eq!(until_then.as_deref(), Some("None"));
    assert!(text[comment.clone()].ends_with("None\n"));
}

#[test]
fn a_missing_bracket_is_reported_and_hides_little() {
    let fault = |text: &str| Outline::read(text).fault.map(|fault| (fault.line, fault.what));
    assert_eq!(fault("fn a() {}\nfn (\n"), Some((2, "`(` is never closed".to_owned())));
    assert_eq!(fault("fn a() }\n"), Some((1, "`}` closes nothing".to_owned())));
    assert_eq!(fault("fn a( {\n)\n"), Some((1, "`{` is closed by another bracket".to_owned())));
    let text = "impl A {\n    fn b() {\n        if true {\n    }\n\n    /// Docs.\n    pub fn c() {\n        \
                // Exercise 1.2: x\n    }\n}\n\nfn d() {}\n";
    let expected = [("A::b", ""), ("A::c", "1.2"), ("d", "")];
    let found = named(text);
    let found: Vec<_> = found.iter().map(|(_, path, id)| (path.as_str(), id.as_str())).collect();
    assert_eq!(found, expected);
}
