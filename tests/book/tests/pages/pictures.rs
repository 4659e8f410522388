//! Figures on pages.

use std::collections::BTreeSet;
use std::fs;

use super::links::resolved;
use super::none;
use super::page::{has_extension, ours, root};

#[test]
fn every_picture_is_told_in_words_and_every_figure_is_shown() {
    let mut wrong = Vec::new();
    let mut shown = BTreeSet::new();
    for page in ours() {
        for picture in &page.pictures {
            if picture.text.trim().len() < 10 {
                let what = "who cannot see it is told nothing";
                wrong.push(format!("{}: {}: {what}", page.place(picture.at), picture.target));
            }
            shown.extend(resolved(&page.path, &picture.target));
        }
    }
    for entry in fs::read_dir(root().join("docs/figures")).expect("there are figures") {
        let name = entry.expect("it can be read").file_name().to_string_lossy().into_owned();
        let path = format!("docs/figures/{name}");
        if has_extension(&name, "svg") && !shown.contains(&path) {
            wrong.push(format!("no page shows {path}"));
        }
    }
    none(&wrong);
}
