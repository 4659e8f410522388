//! What a stub keeps of the solution.

use course::source::stub::{of_source, of_words, with_allow};

use super::*;

fn stub(text: &str) -> String {
    of_source(text, &BTreeSet::new()).unwrap()
}

#[test]
fn a_marked_body_keeps_signature_docs_and_comment() {
    let text = r#"/// Docs.
#[must_use]
pub fn f<T: Ord>(
    t: T,
) -> usize {
    // Exercise 2.3: why,
    // in two lines.
    let x = "}"; // a brace that closes nothing
    // not kept
    x.len()
}

fn given() -> u8 {
    // Just a comment.
    1
}
"#;
    let expected = r#"/// Docs.
#[must_use]
pub fn f<T: Ord>(
    t: T,
) -> usize {
    // Exercise 2.3: why,
    // in two lines.
    todo!("exercise 2.3")
}

fn given() -> u8 {
    // Just a comment.
    1
}
"#;
    assert_eq!(stub(text), expected);
}

#[test]
fn methods_of_implementations_and_modules_are_found() {
    let text = "mod m {\n    impl<T> A<T> {\n        fn f(&self) -> u8 {\n            // Exercise \
                1.2: x\n            1\n        }\n    }\n}\n";
    assert!(
        stub(text).contains("            todo!(\"exercise 1.2\")\n        }\n"),
        "{}",
        stub(text)
    );
    assert_eq!(exercises_in(Path::new("a.rs"), text).unwrap()[0].1, "m::A<T>::f");
}

#[test]
fn a_bonus_does_its_neutral_thing() {
    let text = "fn f() -> Option<u8> {\n    // Exercise 4.7: bonus.\n    // Until then: None\n    Some(1)\n}\n";
    let expected = "fn f() -> Option<u8> {\n    // Exercise 4.7: bonus.\n    // Until then: None\n    None\n}\n";
    assert_eq!(stub(text), expected);
}

#[test]
fn the_approach_stays_in_the_solution() {
    let text = "fn f() -> u8 {\n    // Exercise 1.2: the contract.\n    // Approach: from the end,\n    // because it is \
                shorter.\n    1\n}\n";
    let expected =
        "fn f() -> u8 {\n    // Exercise 1.2: the contract.\n    todo!(\"exercise 1.2\")\n}\n";
    assert_eq!(stub(text), expected);
}

#[test]
fn a_marked_type_loses_what_is_in_it() {
    let text = "// Exercise 1.1: roles\n// of Figure 4.\n/// Docs.\n#[derive(Debug)]\npub enum Role {\n    A,\n}\n\nstruct S {\n    a: u8,\n}\n";
    let expected = "// Exercise 1.1: roles\n// of Figure 4.\n/// Docs.\n#[derive(Debug)]\npub enum Role {}\n\nstruct S {\n    a: u8,\n}\n";
    assert_eq!(stub(text), expected);
}

#[test]
fn what_only_a_solution_needs_goes_with_its_comment_and_a_blank_line() {
    let text = "// Solution only: import\nuse a::b;\nuse c::d;\n\nimpl A {\n    fn f() {}\n\n    // \
                Solution only: x\n    // more\n    /// Docs.\n    fn g() {}\n}\n\n// Solution only\n\
                const X: u8 = 1;\n\nfn h() {}\n";
    let expected = "use c::d;\n\nimpl A {\n    fn f() {}\n}\n\nfn h() {}\n";
    assert_eq!(stub(text), expected);
}

#[test]
fn solved_exercises_stay_and_so_does_what_they_may_use() {
    let text = "// Solution only\nconst X: u8 = 1;\n\nfn f() -> u8 {\n    // Exercise 1.2: x\n    X\n}\n\n\
                fn g() -> u8 {\n    // Exercise 1.3: x\n    X\n}\n";
    let solved = BTreeSet::from(["1.2".parse().unwrap()]);
    let stub = of_source(text, &solved).unwrap();
    assert!(stub.starts_with(
        "// Solution only\nconst X: u8 = 1;\n\nfn f() -> u8 {\n    // Exercise 1.2: x\n    X\n}\n"
    ));
    assert!(stub.ends_with("    // Exercise 1.3: x\n    todo!(\"exercise 1.3\")\n}\n"));
}

#[test]
fn a_mark_that_cannot_be_left_out_is_refused() {
    let error = of_source("// Exercise 1.1: x\npub struct S(u8);\n", &BTreeSet::new()).unwrap_err();
    assert!(error.to_string().contains("`S`"), "{error}");
}

#[test]
fn a_scenario_keeps_its_opening_comment() {
    let text = "# Exercise 2.7: yours.\n# More.\n\ncluster 3\n# and so on\n";
    assert_eq!(
        of_words(text, &BTreeSet::new(), "---\n"),
        "# Exercise 2.7: yours.\n# More.\ntodo \"exercise 2.7\"\n---\n"
    );
    assert_eq!(
        of_words("# Just one.\ncluster 3\n", &BTreeSet::new(), "---\n"),
        "# Just one.\ncluster 3\n"
    );
    assert_eq!(of_words(text, &BTreeSet::from(["2.7".parse().unwrap()]), "---\n"), text);
}

#[test]
fn a_library_says_why_nothing_is_called_unused() {
    let stub = with_allow("//! Docs.\n//! More.\n\nmod a;\n");
    assert!(stub.starts_with("//! Docs.\n//! More.\n\n#![allow(unused)] // "), "{stub}");
    assert!(stub.ends_with("\n\nmod a;\n"), "{stub}");
}
