//! Links between pages: to files, and to headings.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Result;
use xtask::files;

use super::Part;

/// A link of a page: the line, from 1, and where it leads.
type Link = (usize, String);

/// Every link of the pages below a folder leads to a file that is there, and to a heading that the page has.
pub(super) fn links(root: &Path) -> Result<Part> {
    let mut faults = Vec::new();
    let is_left_out = |path: &Path| files::is_private(path);
    for (path, bytes) in files::read_tree_without(root, &is_left_out)? {
        if path.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        for (line, target) in links_in(&String::from_utf8_lossy(&bytes)) {
            if let Some(fault) = fault_of(root, &path, &target) {
                faults.push(format!("{}:{line}: {fault}", files::shown(&path)));
            }
        }
    }
    let name = if root.ends_with(super::kit::FOLDER) {
        "links of the pages for instructors lead somewhere"
    } else {
        "links lead somewhere"
    };
    Ok(Part { name, faults })
}

fn fault_of(root: &Path, page: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, heading) = target.split_once('#').unwrap_or((target, ""));
    let place =
        if path.is_empty() { page.to_path_buf() } else { files::joined(page.parent()?, path) };
    let place = root.join(place);
    if !place.exists() {
        return Some(format!("`{target}` is not there"));
    }
    if heading.is_empty() || place.extension().is_none_or(|ending| ending != "md") {
        return None;
    }
    let text = std::fs::read_to_string(&place).unwrap_or_default();
    (!headings(&text).contains(heading)).then(|| format!("`{target}`: there is no such heading"))
}

/// The lines of a page that are no code.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fence: Option<&str> = None;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let start = line.trim_start();
        if let Some(mark) = fence {
            if start.starts_with(mark) {
                fence = None;
            }
            return false;
        }
        fence = ["```", "~~~"].into_iter().find(|mark| start.starts_with(mark));
        fence.is_none()
    })
}

/// The links of a page. A link may begin in one line and end in the next; its target is on one line.
fn links_in(text: &str) -> Vec<Link> {
    let mut links = Vec::new();
    for (number, line) in prose(text) {
        // What is between backticks is no link.
        let spoken: String = line.split('`').step_by(2).collect::<Vec<_>>().join("`");
        for rest in spoken.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            if !target.is_empty() {
                links.push((number, target.to_owned()));
            }
        }
    }
    links
}

/// The headings of a page as links name them: in small letters, with hyphens for spaces.
fn headings(text: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (_, line) in prose(text) {
        let Some(title) = line.strip_prefix('#').map(|rest| rest.trim_start_matches('#')) else {
            continue;
        };
        let mut id = String::new();
        for letter in title.trim().to_lowercase().chars() {
            match letter {
                ' ' => id.push('-'),
                '-' | '_' => id.push(letter),
                _ if letter.is_alphanumeric() => id.push(letter),
                _ => {}
            }
        }
        // A second heading of the same title has a number.
        let mut numbered = id.clone();
        let mut number = 0;
        while !ids.insert(numbered) {
            number += 1;
            numbered = format!("{id}-{number}");
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            files::write(&folder.path().join(path), text.as_bytes()).unwrap();
        };
        write("docs/a.md", "# Exercise 2.3: A vote\n\n## Why Rust\n\n```text\n[no](x.md)\n```\n");
        write("b.md", "[a](docs/a.md#exercise-23-a-vote) `[c](c.md)` [d](https://x.org/y)\n");
        assert!(links(folder.path()).unwrap().faults.is_empty());
        write("docs/c.md", "[a](a.md#why) and\n[b](../b.md) and [d](d.md)\n");
        assert_eq!(
            links(folder.path()).unwrap().faults,
            [
                "docs/c.md:1: `a.md#why`: there is no such heading",
                "docs/c.md:2: `d.md` is not there"
            ]
        );
    }
}
