//! The page in a real browser: it is stepped through by keys, and compared with its recording at every step.
//!
//! Pictures are left in `target/viewer`, for people to look at. Without Chromium the tests are skipped, except with
//! `CI=true`.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use simulator::Recording;

mod book;
mod chromium;
mod expected;
mod figures;

use chromium::Chromium;

const NAMES: [&str; 3] = ["figure-8", "two-leaders", "storm"];

const WIDE: (u32, u32) = (1280, 800);
const NARROW: (u32, u32) = (390, 844);

/// How many of the last entries of a log the page shows.
const SHOWN: usize = 14;

/// Reads the table back as it is shown: a value that has changed counts as the new one.
const TABLE: &str = r##"
    [...document.querySelectorAll("#servers tbody")].map(body => {
      const cells = [...body.querySelectorAll("tr:first-child td")].slice(0, 5)
        .map(cell => cell.textContent.split(" → ").at(-1));
      const terms = [...body.querySelectorAll(".cell")].flatMap(cell => {
        const [term, times] = cell.textContent.split(" ×").map(Number);
        return Array(times || 1).fill(term);
      });
      return [...cells, terms];
    })
"##;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

fn recording(name: &str) -> Recording {
    let text = fs::read_to_string(folder().join(name).with_extension("json")).unwrap();
    Recording::read_all(&text).unwrap().remove(0)
}

/// The page of these runs, in a file.
fn page(name: &str, runs: &[Recording]) -> PathBuf {
    let file = pictures().join(name).with_extension("html");
    fs::write(&file, viewer::page(runs)).unwrap();
    file
}

fn pictures() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/viewer");
    fs::create_dir_all(&folder).unwrap();
    fs::canonicalize(folder).unwrap()
}

fn keep_picture(browser: &Chromium, name: &str) {
    fs::write(pictures().join(name).with_extension("png"), browser.picture()).unwrap();
}

#[test]
fn every_step_shows_what_the_recording_says() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    for name in NAMES {
        let run = recording(name);
        let file = page(name, std::slice::from_ref(&run));
        browser.open(&file, WIDE, "light");
        browser.press("Home");
        let expected = expected::servers(&run, SHOWN);
        for (step, servers) in expected.iter().enumerate() {
            let here = format!("{name}, step {step}");
            assert_eq!(browser.evaluate(TABLE), *servers, "{here}");
            let words = run.text(run.columns.words[step]);
            let now = browser.evaluate("document.getElementById('now').textContent");
            let now = now.as_str().unwrap_or_default();
            assert!(
                now.starts_with(&format!("Step {step} of ")) && now.ends_with(words),
                "{here}: {now}"
            );
            browser.press("ArrowDown");
        }
        the_list_says_the_same(&browser, &run, name);
        assert_eq!(browser.complaints(), [""; 0], "{name}");
    }
}

/// The list of text has each step, with its words, what followed, and the evidence.
fn the_list_says_the_same(browser: &Chromium, run: &Recording, name: &str) {
    browser.press("l");
    let lines = browser
        .evaluate("[...document.querySelectorAll('#lines li')].map(line => line.textContent)");
    let lines: Vec<&str> = lines.as_array().unwrap().iter().filter_map(Value::as_str).collect();
    assert_eq!(lines.len() as u64, run.steps(), "{name}");
    for (step, line) in lines.iter().enumerate() {
        let (words, then) = (run.text(run.columns.words[step]), run.text(run.columns.then[step]));
        assert!(line.contains(words) && line.contains(then), "{name}, step {step}: {line}");
    }
    for moment in &run.end.moments {
        let line = lines[usize::try_from(moment.step).unwrap()];
        assert!(line.contains(&moment.what), "{name}: {line}");
    }
    browser.press("l");
}

#[test]
fn every_row_and_arrow_is_drawn() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    let run = recording("two-leaders");
    browser.open(&page("rows", std::slice::from_ref(&run)), WIDE, "light");
    let count =
        |of: &str| browser.evaluate(&format!("document.querySelectorAll('{of}').length")).as_u64();
    assert_eq!(count("#diagram .number"), Some(run.steps()), "one row a step");
    assert_eq!(count("#diagram .message"), Some(run.columns.message_from.len() as u64));
    assert_eq!(count("#diagram .bad-mark"), Some(run.end.moments.len() as u64));
    assert_eq!(count("#diagram .caption"), Some(run.blocks.len() as u64));
    // The evidence is in view when the page opens, and `b` goes round.
    let step = || browser.evaluate("location.hash");
    let last = run.end.moments.last().unwrap().step;
    assert_eq!(step(), format!("#0.{last}"));
    browser.press("b");
    assert_eq!(step(), format!("#0.{}", run.end.moments[0].step));
    browser.press("b");
    assert_eq!(step(), format!("#0.{last}"));
    let light = browser.evaluate("document.querySelector('#lights .bad').textContent");
    assert_eq!(light, "✗ Figure 2");
    let end = browser.evaluate("document.getElementById('end').textContent");
    assert!(end.as_str().unwrap().contains("voted for S1 and then for S2"), "{end}");
}

#[test]
fn keys_jump_fold_and_search() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    let run = recording("storm");
    browser.open(&page("keys", std::slice::from_ref(&run)), WIDE, "light");
    let step = || -> u64 {
        let hash = browser.evaluate("location.hash.split('.')[1]");
        hash.as_str().unwrap().parse().unwrap()
    };
    let c = &run.columns;
    browser.press("Home");
    browser.press("e");
    let turn = step();
    let is_turn = |step: u64| c.change_step.contains(&step);
    assert!(turn > 0 && is_turn(turn), "{turn}");
    browser.press("e");
    assert!(step() > turn);
    browser.press("E");
    assert_eq!(step(), turn);
    // Along a message and back.
    let fate = (0..c.fate.len()).find(|&at| c.fate[at] == 0).unwrap();
    let message = usize::try_from(c.fate_message[fate]).unwrap();
    browser.evaluate(&format!("location.hash = '#0.{}'", c.fate_step[fate]));
    browser.evaluate("new Promise(done => setTimeout(done, 100))");
    assert_eq!(step(), c.fate_step[fate]);
    browser.press("[");
    assert_eq!(step(), c.message_sent[message]);
    browser.press("]");
    assert!(step() > c.message_sent[message]);
    // Folding hides what changes nothing, and the cursor stays on what is shown.
    let rows =
        "(Number(document.getElementById('height').style.height.replace('px', '')) - 33) / 22";
    let all = browser.evaluate(rows).as_u64().unwrap();
    assert_eq!(all, run.steps());
    browser.press("f");
    let folded = browser.evaluate(rows).as_u64().unwrap();
    assert!(folded < all, "{folded} of {all}");
    browser.press("f");
    // Search, from the keyboard alone.
    browser.press("Home");
    browser.press("/");
    for letter in ["c", "r", "a", "s", "h"] {
        browser.press(letter);
    }
    browser.press("Enter");
    let now = browser.evaluate("document.getElementById('now').textContent");
    assert!(now.as_str().unwrap().contains("crash"), "{now}");
    browser.press("Escape");
    browser.press("End");
    assert_eq!(step(), run.steps() - 1);
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn everything_is_named_reached_by_tab_and_fits() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    let file = page("two", &[recording("two-leaders"), recording("figure-8")]);
    for size in [WIDE, NARROW] {
        browser.open(&file, size, "light");
        let unnamed = browser.evaluate(
            "[...document.querySelectorAll('button, input, a, [tabindex]')].filter(one => \
               !(one.textContent.trim() || one.getAttribute('aria-label'))).map(one => one.outerHTML)",
        );
        assert_eq!(unnamed, serde_json::json!([]));
        let controls = browser.evaluate(
            "[...document.querySelectorAll('button, input, a')].filter(one => one.offsetParent && !one.disabled).length",
        );
        // Each press of Tab reaches another control, until all were reached.
        let mut reached = std::collections::BTreeSet::new();
        browser.evaluate("document.activeElement.blur()");
        for _ in 0..60 {
            browser.press("Tab");
            let id =
                browser.evaluate("document.activeElement.id || document.activeElement.textContent");
            reached.insert(id.to_string());
        }
        reached.remove("\"rows\"");
        assert!(reached.len() as u64 >= controls.as_u64().unwrap(), "{controls}: {reached:?}");
        let wide = browser.evaluate("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(wide, true, "the page is wider than its window of {size:?}");
    }
}

#[test]
fn texts_can_be_read() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    let file = page("contrast", &[recording("two-leaders")]);
    for scheme in ["light", "dark"] {
        browser.open(&file, WIDE, scheme);
        browser.press("?");
        let low = browser.evaluate(include_str!("contrast.js"));
        assert_eq!(low, serde_json::json!([]), "{scheme}");
    }
}

/// A run may contain anything that a client sends.
#[test]
fn texts_of_a_run_are_never_markup() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    let mut run = recording("two-leaders");
    let evil = "</script><img src=x onerror=\"document.title='taken'\"><b>bold</b>";
    for text in &mut run.texts {
        text.push_str(evil);
    }
    run.title.push_str(evil);
    run.end.what.push_str(evil);
    browser.open(&page("markup", &[run]), WIDE, "light");
    for _ in 0..5 {
        browser.press("ArrowUp");
    }
    browser.press("l");
    assert_eq!(browser.evaluate("document.querySelectorAll('img, b').length"), 0);
    assert_ne!(browser.evaluate("document.title"), "taken");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn pictures_are_left_for_people() {
    let Some(name) = chromium::installed() else { return };
    let browser = Chromium::start(name);
    for name in NAMES {
        let file = page(name, &[recording(name)]);
        for (size, width) in [(WIDE, "wide"), (NARROW, "narrow")] {
            for scheme in ["light", "dark"] {
                browser.open(&file, size, scheme);
                keep_picture(&browser, &format!("{name}-{width}-{scheme}"));
            }
        }
    }
}
