//! The figures of the book in a real browser: their texts touch nothing, can be read in each theme, and fit on a screen.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;
use simulator::Recording;
use viewer::{Header, figure, figure_text};

use crate::chromium::{self, Chromium};
use crate::{keep_picture, pictures};

/// A phone, and the text column of the book beside a browser's own bars.
const PHONE: (u32, u32) = (390, 844);
const BOOK: (u32, u32) = (780, 900);

const CHECK: &str = include_str!("figures.js");

/// The recordings of the book's figures, with what their scripts say.
fn figures() -> Vec<(Recording, Header)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/figures");
    let entries = fs::read_dir(folder).expect("there are figures");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "json"));
    files.sort();
    assert!(!files.is_empty());
    let read = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        let script = fs::read_to_string(file.with_extension("scenario")).unwrap();
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        let header = Header::parse(&name, &script.replace("\r\n", "\n")).unwrap();
        (Recording::read_all(&text).unwrap().remove(0), header)
    };
    files.iter().map(read).collect()
}

/// A page with a figure in it, as a page of the book has it.
fn page(name: &str, theme: &str, svg: &str) -> PathBuf {
    let html = format!(
        "<!doctype html><html lang=\"en\" class=\"{theme}\" data-ready=\"yes\"><meta charset=\"utf-8\">\
         <title>x</title><body style=\"margin:0 15px\">{svg}</body></html>"
    );
    let file = pictures().join(format!("figure-{name}.html"));
    fs::write(&file, html).unwrap();
    file
}

#[test]
fn figures_can_be_read() {
    let Some(browser) = chromium::installed() else { return };
    let browser = Chromium::start(browser);
    for (run, header) in figures() {
        let svg = figure(&run, &header);
        let file = page(&header.id, "", &svg);
        for (window, scheme, kept) in
            [(BOOK, "light", "light"), (BOOK, "dark", "dark"), (PHONE, "light", "phone")]
        {
            browser.open(&file, window, scheme);
            assert_eq!(browser.evaluate(CHECK), json!([]), "{}, {kept}", header.id);
            keep_picture(&browser, &format!("figure-{}-{kept}", header.id));
        }
    }
}

#[test]
fn the_colors_follow_the_theme_and_not_the_system() {
    let Some(browser) = chromium::installed() else { return };
    let browser = Chromium::start(browser);
    let (run, header) = figures().remove(0);
    let svg = figure(&run, &header);
    let paper = |theme: &str, scheme: &str| {
        browser.open(&page("theme", theme, &svg), BOOK, scheme);
        browser.evaluate("getComputedStyle(document.querySelector('.paper')).fill")
    };
    let (light, dark) = (paper("", "light"), paper("", "dark"));
    assert_ne!(light, dark);
    // The themes of mdBook 0.5.
    for theme in ["light", "rust"] {
        assert_eq!(paper(theme, "dark"), light, "{theme}");
    }
    for theme in ["navy", "coal", "ayu"] {
        assert_eq!(paper(theme, "light"), dark, "{theme}");
    }
}

#[test]
fn a_screen_reader_finds_title_and_description() {
    let Some(browser) = chromium::installed() else { return };
    let browser = Chromium::start(browser);
    for (run, header) in figures() {
        browser.open(&page(&header.id, "", &figure(&run, &header)), BOOK, "light");
        let tree = browser.call("Accessibility.getFullAXTree", &json!({}));
        let nodes = tree["nodes"].as_array().unwrap();
        let is_image = |node: &&serde_json::Value| {
            let role = node["role"]["value"].as_str().unwrap_or_default();
            role.eq_ignore_ascii_case("image") || role == "img"
        };
        let image = nodes.iter().find(is_image).expect("the figure is an image");
        assert_eq!(image["name"]["value"], header.title);
        assert_eq!(image["description"]["value"], header.description);
    }
}

/// A long run does not fit: the figure shows its end and says so, and the text has all of it.
#[test]
fn of_a_long_run_the_end_is_drawn() {
    let run = crate::recording("storm");
    let header = Header::of(&run, "storm");
    let svg = figure(&run, &header);
    assert!(svg.contains("earlier rows are left out") && svg.contains(r#"height="900""#));
    let text = figure_text(&run, &header);
    assert!(text.lines().count() as u64 > run.steps() / 2, "{}", text.lines().count());
    let Some(browser) = chromium::installed() else { return };
    let browser = Chromium::start(browser);
    browser.open(&page("storm", "", &svg), BOOK, "light");
    keep_picture(&browser, "figure-storm");
    assert_eq!(browser.evaluate(CHECK), json!([]));
}
