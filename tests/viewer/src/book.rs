//! `viewer book`: the figures of the book as pages on which they can be stepped through. They share one script and one style,
//! which are beside them, so each page is little more than its recording.

use std::fs;
use std::path::Path;

use simulator::Recording;

use crate::page::{self, Parts};

/// The names of the shared files.
const STYLE: &str = "viewer.css";
const SCRIPT: &str = "viewer.js";

/// A page may take what is beside it, and nothing else. `'self'` covers a server, `file:` a folder.
const POLICY: &str = "default-src 'none'; script-src 'self' file:; style-src 'self' file:; base-uri 'none'; form-action 'none'";

/// Makes the pages of all recordings (`*.json`) in a folder, in the same folder, and the files that they share.
///
/// # Errors
/// If a file cannot be read or written, or is not a recording.
pub fn book(folder: &Path) -> Result<(), String> {
    let about = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let entries = fs::read_dir(folder).map_err(|error| about(folder, &error))?;
    let write =
        |path: &Path, text: &str| fs::write(path, text).map_err(|error| about(path, &error));
    for entry in entries {
        let path = entry.map_err(|error| about(folder, &error))?.path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let text = fs::read_to_string(&path).map_err(|error| about(&path, &error))?;
        let runs = Recording::read_all(&text).map_err(|error| about(&path, &error))?;
        write(&path.with_extension("html"), &shared_page(&runs))?;
    }
    write(&folder.join(STYLE), &style())?;
    write(&folder.join(SCRIPT), &page::script(&[include_str!("../page/book.js")], &[]))
}

fn shared_page(runs: &[Recording]) -> String {
    let style = format!("<link rel=\"stylesheet\" href=\"{STYLE}\">");
    let script = format!("<script src=\"{SCRIPT}\"></script>");
    page::assemble(
        runs,
        &Parts { policy: POLICY, style: &style, script: &script, ..Parts::default() },
    )
}

/// The page's style, with the colors of both schemes for a page that knows the book's theme.
fn style() -> String {
    let (light, dark) = page::COLORS.split_once("@media").unwrap_or((page::COLORS, ""));
    let themed = |name: &str, colors: &str| {
        let inner = colors.split_once(":root {").and_then(|(_, rest)| rest.split_once('}'));
        let inner = inner.map_or("", |(inner, _)| inner);
        let inner = inner.replace("color-scheme: light dark;", "");
        format!(":root[data-theme=\"{name}\"] {{ color-scheme: {name}; {inner} }}\n")
    };
    page::styles() + &themed("light", light) + &themed("dark", dark)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_themes_have_all_colors() {
        let style = style();
        let themes: Vec<&str> = style.split(":root[data-theme=").skip(1).collect();
        assert_eq!(themes.len(), 2);
        for theme in themes {
            assert_eq!(theme.matches("--t6:").count(), 1, "{theme}");
            assert_eq!(theme.matches("--paper:").count(), 1, "{theme}");
        }
    }
}
