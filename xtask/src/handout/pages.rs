//! Pages of a handout: nothing in them is about what it lacks.
//!
//! A line of Markdown with `<!-- full -->` in it is for the full tree only; so is everything from a line that has
//! nothing else up to a line with `<!-- end -->`.

use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::files::{self, Tree};

/// Marks what a handout leaves out.
const FULL: &str = "<!-- full -->";

/// Ends a part that a handout leaves out.
const END: &str = "<!-- end -->";

/// The list of the book's pages.
const SUMMARY: &str = "docs/SUMMARY.md";

/// Turns the pages of a tree into those of a handout.
///
/// # Errors
/// If a part that a page leaves out does not end.
pub(super) fn hand_out(tree: &mut Tree) -> Result<()> {
    let is_page = |path: &&PathBuf| path.extension().is_some_and(|ending| ending == "md");
    let pages: Vec<PathBuf> = tree.keys().filter(is_page).cloned().collect();
    for path in pages {
        let text = String::from_utf8_lossy(&tree[&path]).into_owned();
        let text = without_marked(&text).map_err(|error| {
            error.context(format!("{} cannot be handed out", files::shown(&path)))
        })?;
        let text = if path == Path::new(SUMMARY) { without_missing(&text, tree) } else { text };
        tree.insert(path, text.into_bytes());
    }
    Ok(())
}

/// A page without what is for the full tree only.
fn without_marked(text: &str) -> Result<String> {
    let mut page = String::new();
    let mut is_inside = false;
    for line in text.split_inclusive('\n') {
        match line.trim() {
            FULL => {
                ensure!(!is_inside, "`{FULL}` is inside a part that begins with it");
                is_inside = true;
            }
            END => {
                ensure!(is_inside, "`{END}` ends nothing");
                is_inside = false;
            }
            _ if is_inside || line.contains(FULL) => {}
            _ => page.push_str(line),
        }
    }
    ensure!(!is_inside, "a part that begins with `{FULL}` has no `{END}`");
    Ok(page)
}

/// The list of pages without those that are not in the tree, and without headings that have no pages then.
fn without_missing(text: &str, tree: &Tree) -> String {
    let is_missing = |line: &str| {
        let target = line.split_once("](").and_then(|(_, rest)| rest.split_once(')'));
        target.is_some_and(|(path, _)| !tree.contains_key(&Path::new("docs").join(path)))
    };
    let mut parts: Vec<(String, bool)> = vec![(String::new(), false)];
    for line in text.split_inclusive('\n').filter(|line| !is_missing(line)) {
        if line.starts_with("# ") {
            parts.push((String::new(), false));
        }
        if let Some((part, has_pages)) = parts.last_mut() {
            part.push_str(line);
            *has_pages |= line.contains("](");
        }
    }
    let kept =
        parts.into_iter().filter(|(part, has_pages)| *has_pages || part.starts_with("# Summary"));
    let text: String = kept.map(|(part, _)| part).collect();
    format!("{}\n", text.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_marked_is_for_the_full_tree_only() {
        let text = "a\n<!-- full -->\nb\n<!-- end -->\n| c |\n| d <!-- full --> |\n| e |\n";
        assert_eq!(without_marked(text).unwrap(), "a\n| c |\n| e |\n");
        for text in
            ["<!-- full -->\na\n", "<!-- end -->\n", "<!-- full -->\n<!-- full -->\n<!-- end -->\n"]
        {
            assert!(without_marked(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_list_of_pages_has_those_that_are_there() {
        let tree = Tree::from([(PathBuf::from("docs/a.md"), Vec::new())]);
        let text = "# Summary\n\n- [A](a.md)\n\n# For instructors\n\n- [B](b.md)\n\n# More\n\n- [A](a.md)\n  - [B](b.md)\n";
        let expected = "# Summary\n\n- [A](a.md)\n\n# More\n\n- [A](a.md)\n";
        assert_eq!(without_missing(text, &tree), expected);
    }
}
