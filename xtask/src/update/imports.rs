//! Imports, one name at a time: `use a::{b, c as d};` is `a::b` and `a::c as d`.
//!
//! A learner adds a name to a given import as often as a line of its own. So imports are compared by name.

use std::collections::BTreeSet;

use course::source::{Item, Token, tokens};

use super::source::Source;

/// The names that a file imports for itself, each with its whole path.
pub(super) fn of(source: &Source<'_>) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for item in source.items.iter().filter(|item| is_plain(source, item)) {
        let words = tokens(&source.text[item.declared..item.whole.end]);
        // Without `use`.
        leaves(&words[1..], &mut 0, "", &mut all);
    }
    all
}

/// Whether an item is an import of the whole file, without attribute or visibility. Others are compared as a whole.
pub(super) fn is_plain(source: &Source<'_>, item: &Item) -> bool {
    let above = tokens(&source.text[item.whole.start..item.declared]);
    let declared = &source.text[item.declared..item.whole.end];
    let is_import = tokens(declared).first().is_some_and(|first| first.text == "use");
    is_import && above.is_empty() && source.parent(item).is_none()
}

/// Reads one tree of a `use`, up to a comma or a closing bracket.
fn leaves(words: &[Token<'_>], at: &mut usize, prefix: &str, all: &mut BTreeSet<String>) {
    let mut path = prefix.to_owned();
    while let Some(word) = words.get(*at) {
        match word.text {
            "," | "}" | ";" => break,
            "{" => {
                *at += 1;
                while words.get(*at).is_some_and(|word| word.text != "}") {
                    leaves(words, at, &path, all);
                    if words.get(*at).is_some_and(|word| word.text == ",") {
                        *at += 1;
                    } else {
                        break;
                    }
                }
                *at += 1;
                return;
            }
            "as" => path += " as ",
            text => path += text,
        }
        *at += 1;
    }
    let path = path.strip_suffix("::self").map_or(path.clone(), str::to_owned);
    if !path.is_empty() && path != prefix {
        all.insert(path);
    }
}

/// The name under which a file knows an import: `d` of `a::c as d`.
pub(super) fn name(import: &str) -> &str {
    let last = import.rsplit("::").next().unwrap_or(import);
    last.rsplit(" as ").next().unwrap_or(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(text: &str) -> Vec<String> {
        of(&Source::read(text)).into_iter().collect()
    }

    #[test]
    fn each_name_has_its_path() {
        let text = "use a::{b::{self, C}, d as e, f::*,};\nuse crate::x;\npub use g::h;\n#[cfg(test)]\nuse i::j;\n\nmod a {\n    use k::l;\n}\n";
        assert_eq!(imports(text), ["a::b", "a::b::C", "a::d as e", "a::f::*", "crate::x"]);
        assert_eq!(imports("use {a, b::c};\nuse ::d::e;\n"), ["::d::e", "a", "b::c"]);
        assert_eq!(imports("use ;\nuse a::{;\n"), Vec::<String>::new());
        assert_eq!(["a::b as c", "a::b", "a"].map(name), ["c", "b", "a"]);
    }
}
