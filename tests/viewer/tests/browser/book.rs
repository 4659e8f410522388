//! The pages of the book's figures, from a folder, without a server: they load their shared files and nothing else.

use std::fs;
use std::path::{Path, PathBuf};

use simulator::Recording;

use crate::chromium::{self, Chromium};
use crate::{NARROW, TABLE, WIDE, expected, keep_picture, pictures};

/// A folder with some of the book's recordings, and their pages.
fn folder(names: &[&str]) -> PathBuf {
    let figures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/figures");
    let folder = pictures().join("book");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    for name in names {
        let file = format!("{name}.json");
        fs::copy(figures.join(&file), folder.join(&file)).unwrap();
    }
    viewer::book(&folder).unwrap();
    folder
}

#[test]
fn figures_can_be_stepped_through_from_a_folder() {
    let Some(browser) = chromium::installed() else { return };
    let browser = Chromium::start(browser);
    let names = ["figure-8-lost", "split-vote"];
    let folder = folder(&names);
    for name in names {
        let file = folder.join(name).with_extension("html");
        let page = fs::read_to_string(&file).unwrap();
        assert!(page.len() < 50_000, "{name} has {} bytes", page.len());
        browser.open(&file, WIDE, "light");
        let text = fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
        let run = Recording::read_all(&text).unwrap().remove(0);
        browser.press("Home");
        for servers in expected::servers(&run, 14) {
            assert_eq!(browser.evaluate(TABLE), servers, "{name}");
            browser.press("ArrowDown");
        }
        keep_picture(&browser, &format!("book-{name}"));
        let mut asked = browser.complaints();
        asked.retain(|what| !what.ends_with("/viewer.css\"") && !what.ends_with("/viewer.js\""));
        assert_eq!(asked, [""; 0], "{name}");
    }
    the_theme_of_the_book_counts(&browser, &folder.join("split-vote.html"));
}

fn the_theme_of_the_book_counts(browser: &Chromium, file: &Path) {
    let paper = || browser.evaluate("getComputedStyle(document.body).backgroundColor");
    browser.open(file, NARROW, "light");
    let light = paper();
    browser.open(file, NARROW, "dark");
    let dark = paper();
    assert_ne!(light, dark);
    for (theme, scheme, expected) in
        [("navy", "light", &dark), ("\\\"ayu\\\"", "light", &dark), ("rust", "dark", &light)]
    {
        browser.evaluate(&format!("localStorage.setItem('mdbook-theme', \"{theme}\")"));
        browser.open(file, NARROW, scheme);
        assert_eq!(&paper(), expected, "{theme}");
    }
    browser.evaluate("localStorage.removeItem('mdbook-theme')");
}
