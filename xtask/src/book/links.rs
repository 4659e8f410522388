//! The links of the built book: each leads to a page that is there, and to a place on it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::files;

/// Follows the links of the book in `output`.
///
/// # Errors
/// If a link leads nowhere. The error names each of them.
pub(super) fn check(output: &Path) -> Result<()> {
    let mut pages = BTreeMap::new();
    let mut all = BTreeSet::new();
    for (path, bytes) in files::read_tree(output)? {
        if path.extension().is_some_and(|extension| extension == "html") {
            pages.insert(path.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
        all.insert(path);
    }
    let wrong = dead(&pages, &all);
    if wrong.is_empty() {
        return Ok(());
    }
    bail!("links in the book lead nowhere:\n  {}", wrong.join("\n  "))
}

/// The links that lead nowhere, with the pages that they are on.
fn dead(pages: &BTreeMap<PathBuf, String>, all: &BTreeSet<PathBuf>) -> Vec<String> {
    let mut wrong = Vec::new();
    for (path, html) in pages {
        // This page is shown at any address, so its links begin at the root of a server.
        if path == Path::new("404.html") {
            continue;
        }
        for link in values(html, "href=\"").chain(values(html, "src=\"")) {
            if !leads_somewhere(path, link, pages, all) {
                wrong.push(format!("{}: {link}", files::shown(path)));
            }
        }
    }
    wrong.dedup();
    wrong
}

/// What is between this beginning and the next quotation mark, each time.
fn values<'a>(html: &'a str, begin: &'a str) -> impl Iterator<Item = &'a str> {
    html.split(begin).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0))
}

fn leads_somewhere(
    page: &Path,
    link: &str,
    pages: &BTreeMap<PathBuf, String>,
    all: &BTreeSet<PathBuf>,
) -> bool {
    if link.is_empty() || link.contains(':') {
        return true;
    }
    let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
    let folder = page.parent().unwrap_or(Path::new(""));
    let mut path =
        if target.is_empty() { page.to_path_buf() } else { files::joined(folder, target) };
    if !all.contains(&path) {
        path.push("index.html");
    }
    if !all.contains(&path) {
        return false;
    }
    // A line of a source is `L12`, or from `L12` to `L14`.
    let is_lines = fragment.contains("-L") && fragment.starts_with('L');
    let fragment = if is_lines { fragment.split('-').next().unwrap_or_default() } else { fragment };
    let is_there = |html: &String| html.contains(&format!("id=\"{fragment}\""));
    fragment.is_empty() || pages.get(&path).is_none_or(is_there)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_a_page_and_to_a_place_on_it() {
        let page = |links: &[&str]| {
            let link = |link: &&str| format!("<a href=\"{link}\">x</a>");
            links.iter().map(link).collect::<String>()
        };
        let good = ["b.html#here", "../index.html", "..", "#", "https://raft.github.io/#x"];
        let bad = ["c.html", "b.html#there", "../picture.svg", "#nowhere"];
        let b = "<h2 id=\"here\">".to_owned();
        let mut pages = BTreeMap::from([
            (PathBuf::from("index.html"), String::new()),
            (PathBuf::from("x/b.html"), b),
            (PathBuf::from("x/a.html"), page(&good)),
        ]);
        let all = pages.keys().cloned().collect();
        assert_eq!(dead(&pages, &all), Vec::<String>::new());
        pages.insert(PathBuf::from("x/a.html"), page(&bad));
        let expected = bad.map(|link| format!("x/a.html: {link}"));
        assert_eq!(dead(&pages, &all), expected);
    }
}
