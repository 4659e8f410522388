//! Source files that the book's pages link to. In the repository such a link leads to the file itself; in
//! the built book it leads to a page that shows the file.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use super::scenarios;
use crate::files;

/// The folder of the built book for pages of source files.
pub(super) const FOLDER: &str = "source";

/// Redirects the links that lead out of `docs/`, on all pages in `output`, to pages of those files.
pub(super) fn link(root: &Path, output: &Path) -> Result<()> {
    let mut linked = BTreeSet::new();
    for (path, bytes) in files::read_tree(output)? {
        let is_page = path.extension().is_some_and(|extension| extension == "html");
        if !is_page || path.starts_with(FOLDER) {
            continue;
        }
        let html = String::from_utf8(bytes).with_context(|| files::shown(&path))?;
        let new = relink(root, &path, &scenarios::highlight(&html), &mut linked);
        files::write_if_changed(&output.join(&path), new.as_bytes())?;
    }
    for source in linked {
        let page = page(root, &source)?;
        files::write(&output.join(place(&source)), page.as_bytes())?;
    }
    Ok(())
}

/// The page of a source in the built book.
pub(super) fn place(source: &Path) -> PathBuf {
    Path::new(FOLDER).join(format!("{}.html", files::shown(source)))
}

/// A page with new links. Their targets are added to `linked`.
fn relink(root: &Path, path: &Path, html: &str, linked: &mut BTreeSet<PathBuf>) -> String {
    let mut new = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("href=\"") {
        new.push_str(before);
        new.push_str("href=\"");
        let Some((link, after)) = after.split_once('"') else {
            rest = after;
            break;
        };
        let (target, fragment) = link.split_once('#').map_or((link, ""), |(to, at)| (to, at));
        match source_of(root, path, target) {
            Some(source) => {
                let up = "../".repeat(path.components().count() - 1);
                let _ = write!(new, "{up}{}", files::shown(&place(&source)));
                if !fragment.is_empty() {
                    let _ = write!(new, "#{fragment}");
                }
                linked.insert(source);
            }
            // mdBook writes README.md as index.html, and does not change the links to it.
            None if target.ends_with("README.html") && !target.contains(':') => {
                new.push_str(&link.replacen("README.html", "index.html", 1));
            }
            None => new.push_str(link),
        }
        new.push('"');
        rest = after;
    }
    new.push_str(rest);
    new
}

/// The file or folder outside `docs/`, from the root, that a link of a page means.
fn source_of(root: &Path, page: &Path, target: &str) -> Option<PathBuf> {
    if target.is_empty() || target.contains(':') || target.starts_with('/') {
        return None;
    }
    let page = Path::new("docs").join(page);
    let mut path = page.parent()?.to_path_buf();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir if !path.pop() => return None,
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    // mdBook renames the target of every link to a Markdown file.
    let page = path.with_extension("md");
    // The contents are no page of the built book.
    if path.starts_with("docs") && page != Path::new("docs/SUMMARY.md") {
        return None;
    }
    [path, page].into_iter().find(|path| root.join(path).exists())
}

/// A page that shows a file, with an anchor for each line, or the names in a folder.
pub(super) fn page(root: &Path, source: &Path) -> Result<String> {
    let name = files::shown(source);
    let full = root.join(source);
    let mut body = String::new();
    if full.is_dir() {
        for entry in files::names(&full)? {
            let _ = writeln!(body, "{}", escaped(&entry));
        }
    } else {
        let text = fs::read_to_string(&full).with_context(|| format!("cannot read {name}"))?;
        for (line, number) in text.lines().zip(1..) {
            let line = escaped(line);
            let _ = writeln!(body, "<span id=\"L{number}\"><i>{number:4}</i> {line}</span>");
        }
    }
    Ok(format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <link rel=\"icon\" href=\"data:,\">\n<title>{name}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<h1>{name}</h1>\n<pre>{body}</pre>\n</body>\n</html>\n"
    ))
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:1rem;font-family:sans-serif}\
                     h1{font-size:1.1rem}pre{overflow-x:auto;line-height:1.45}i{font-style:normal;opacity:.75}\
                     :target{outline:2px solid}";

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_book_lead_to_pages_of_sources() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut linked = BTreeSet::new();
        let mut relink = |page: &str, html: &str| relink(root, Path::new(page), html, &mut linked);
        let page = "chapters/02-election.html";
        for (link, new) in [
            ("../../xtask/src/main.rs#L3", "../source/xtask/src/main.rs.html#L3"),
            ("../../README.html", "../source/README.md.html"),
            ("../../tests/02-election", "../source/tests/02-election.html"),
            // In the book, on another site, or nowhere.
            ("../scenarios.html#ask", "../scenarios.html#ask"),
            ("../resources/README.html#disks", "../resources/index.html#disks"),
            ("../SUMMARY.html", "../source/docs/SUMMARY.md.html"),
            ("https://docs.rs/x/README.html", "https://docs.rs/x/README.html"),
            ("https://raft.github.io/../../README.md", "https://raft.github.io/../../README.md"),
            ("../../nothing.rs", "../../nothing.rs"),
            ("../../../../../../etc/hosts", "../../../../../../etc/hosts"),
            ("#here", "#here"),
        ] {
            let html = format!("<a href=\"{link}\">x</a>");
            assert_eq!(relink(page, &html), format!("<a href=\"{new}\">x</a>"));
        }
        assert_eq!(
            relink("a.html", "<a href=\"../README.md\">"),
            "<a href=\"source/README.md.html\">"
        );
        assert_eq!(linked.len(), 4);
    }

    #[test]
    fn a_source_is_shown_line_by_line() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let page = page(root, Path::new("xtask/Cargo.toml")).unwrap();
        assert!(page.contains("<span id=\"L1\"><i>   1</i> [package]</span>\n"), "{page}");
        let folder = super::page(root, Path::new("xtask")).unwrap();
        assert!(folder.contains("Cargo.toml\n"), "{folder}");
    }
}
