//! Figures in the built book: each becomes part of its page, so that it follows the book's theme and screen readers find its
//! description. Below it are links to its script and to a page on which its run can be stepped through.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use super::sources;
use crate::{files, viewer};

/// The folder of the figures, in `docs/` and in the built book.
const FOLDER: &str = "figures";

/// Puts the figures into the pages in `output`, and makes the pages on which they can be stepped through.
pub(super) fn link(root: &Path, output: &Path) -> Result<()> {
    let folder = output.join(FOLDER);
    let recordings: Vec<_> = files::read_tree(output)?
        .into_keys()
        .filter(|path| {
            path.starts_with(FOLDER) && path.extension().is_some_and(|end| end == "json")
        })
        .collect();
    if recordings.is_empty() {
        return Ok(());
    }
    viewer::run(root, [OsStr::new("book"), folder.as_os_str()])?;
    for recording in &recordings {
        let path = output.join(recording);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
        let script = Path::new("docs").join(recording).with_extension("scenario");
        let page = sources::page(root, &script)?;
        files::write(&output.join(sources::place(&script)), page.as_bytes())?;
    }
    let svg = |name: &str| fs::read_to_string(folder.join(format!("{name}.svg"))).ok();
    for (path, bytes) in files::read_tree(output)? {
        let is_page = path.extension().is_some_and(|end| end == "html");
        if !is_page || path.starts_with(FOLDER) || path.starts_with(sources::FOLDER) {
            continue;
        }
        let html = String::from_utf8(bytes).with_context(|| files::shown(&path))?;
        files::write_if_changed(&output.join(&path), with_figures(&html, svg).as_bytes())?;
    }
    Ok(())
}

/// A page in which the pictures of figures are replaced by the figures. `svg` reads one by its name.
fn with_figures(html: &str, svg: impl Fn(&str) -> Option<String>) -> String {
    let mut new = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<img ") {
        let Some((attributes, after)) = after.split_once('>') else { break };
        let place = source(attributes).and_then(|(up, name)| Some((up, name, svg(name)?)));
        let Some((up, name, svg)) = place else {
            let _ = write!(new, "{before}<img {attributes}>");
            rest = after;
            continue;
        };
        // A figure is not part of a paragraph.
        let alone = before.strip_suffix("<p>").zip(after.strip_prefix("</p>"));
        let (before, after) = alone.unwrap_or((before, after));
        new.push_str(before);
        new.push_str(&figure(up, name, svg.trim_end()));
        rest = after;
    }
    new.push_str(rest);
    new
}

/// The way up from a page to the book's folder and the name of the figure, if a picture is one.
fn source(attributes: &str) -> Option<(&str, &str)> {
    let (_, after) = attributes.split_once("src=\"")?;
    let (source, _) = after.split_once('"')?;
    let (up, file) = source.split_once("figures/")?;
    let name = file.strip_suffix(".svg")?;
    let is_plain = up.split("../").all(str::is_empty) && !name.contains('/');
    is_plain.then_some((up, name))
}

/// A figure, its links, and its description in words.
fn figure(up: &str, name: &str, svg: &str) -> String {
    let words = svg.split_once("<desc").and_then(|(_, rest)| rest.split_once('>'));
    let words =
        words.and_then(|(_, rest)| rest.split_once("</desc>")).map_or("", |(words, _)| words);
    let script = files::shown(&sources::place(Path::new(&format!("docs/figures/{name}.scenario"))));
    format!(
        "<figure style=\"margin:1em 0\">\n{svg}\n<figcaption><a href=\"{up}figures/{name}.html\">Step through it</a> · \
         <a href=\"{up}{script}\">Script</a>\n<details><summary>In words</summary>{words}</details></figcaption>\n</figure>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_takes_the_place_of_its_picture() {
        let svg = |name: &str| {
            (name == "split-vote")
                .then(|| "<svg><desc id=\"x\">S1 &lt; S2.</desc></svg>\n".to_owned())
        };
        let html = "<p>Text.</p>\n<p><img src=\"../figures/split-vote.svg\" alt=\"S1 asks.\"></p>\n\
                    <p>See <img alt=\"x\" src=\"../figures/other.svg\" /> and <img src=\"a.png\"></p>";
        let new = with_figures(html, svg);
        assert!(new.starts_with("<p>Text.</p>\n<figure"), "{new}");
        for part in [
            "<svg><desc id=\"x\">S1 &lt; S2.</desc></svg>",
            "<a href=\"../figures/split-vote.html\">Step through it</a>",
            "<a href=\"../source/docs/figures/split-vote.scenario.html\">Script</a>",
            "<summary>In words</summary>S1 &lt; S2.</details>",
            "<p>See <img alt=\"x\" src=\"../figures/other.svg\" /> and <img src=\"a.png\"></p>",
        ] {
            assert!(new.contains(part), "{part}: {new}");
        }
        assert!(!new.contains("alt=\"S1 asks.\"") && !new.contains("<p><figure"), "{new}");
    }

    #[test]
    fn only_pictures_of_the_books_folder_are_figures() {
        assert_eq!(source("src=\"figures/a.svg\""), Some(("", "a")));
        assert_eq!(source("src=\"../../figures/a.svg\" alt=\"x\""), Some(("../../", "a")));
        for other in ["src=\"https://x/figures/a.svg\"", "src=\"figures/b/a.svg\"", "alt=\"x\""] {
            assert_eq!(source(other), None, "{other}");
        }
    }
}
