//! The page of a world that is played, in a real browser, with the small servers of `examples/specimen-gate.rs`.
//!
//! Pictures are left in `target/viewer`, for people to look at. Without Chromium the tests are skipped, except with
//! `CI=true`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::{Value, json};
use viewer::play::Session;
use viewer::served::Server;

#[allow(dead_code, reason = "the tests of the page of a run need more of it")]
#[path = "../browser/chromium.rs"]
mod chromium;
mod rejected;
#[path = "../support/specimen.rs"]
mod specimen;

use chromium::Chromium;
use specimen::Specimen;

const WIDE: (u32, u32) = (1280, 800);
const NARROW: (u32, u32) = (390, 844);

/// A page that is open in a browser.
struct Page {
    browser: Chromium,
    specimen: Specimen,
    address: String,
}

/// Serves a world until the tests end. Returns its address.
fn served(specimen: &Specimen, script: &str) -> String {
    let session = Session::begin(specimen.order(script)).unwrap();
    let server = Server::of(session).unwrap();
    let address = server.address();
    thread::spawn(move || server.run());
    address
}

impl Page {
    fn open(browser: &str, script: &str, size: (u32, u32), scheme: &str) -> Self {
        let specimen = Specimen::new();
        let address = served(&specimen, script);
        let browser = Chromium::start(browser);
        browser.visit(&address, size, scheme);
        Page { browser, specimen, address }
    }

    fn evaluate(&self, expression: &str) -> Value {
        self.browser.evaluate(expression)
    }

    fn text(&self, expression: &str) -> String {
        self.evaluate(expression).as_str().unwrap_or_default().to_owned()
    }

    /// How many acts the program has answered.
    fn answered(&self) -> u64 {
        let count = self.evaluate("Number(document.documentElement.dataset.answered ?? 0)");
        count.as_u64().unwrap()
    }

    /// Does something that asks the program, and waits for its answer.
    fn asking(&self, act: impl FnOnce()) {
        let before = self.answered();
        act();
        self.evaluate(&format!(
            "new Promise(done => {{
               const look = () => Number(document.documentElement.dataset.answered ?? 0) > {before} ? done(true) : setTimeout(look, 5);
               look();
             }})"
        ));
    }

    /// Clicks in the middle of what a selector finds, as a mouse does.
    fn click(&self, selector: &str) {
        let selector = json!(selector);
        let place = self.evaluate(&format!(
            "(() => {{
               const one = document.querySelector({selector});
               if (!one) return null;
               one.scrollIntoView({{block: 'nearest'}});
               const box = one.getBoundingClientRect();
               return [box.x + box.width / 2, box.y + box.height / 2];
             }})()"
        ));
        assert!(place.is_array(), "there is no {selector}: {}", self.choices());
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.browser.call("Input.dispatchMouseEvent", &event);
        }
    }

    /// Clicks on the button of a command, and waits.
    fn choose(&self, command: &str) {
        self.asking(|| self.click(&format!("button[data-command='{command}']")));
    }

    fn choices(&self) -> Value {
        self.evaluate(
            "[...document.querySelectorAll('[data-command]')].map(one => one.dataset.command)",
        )
    }

    fn script(&self) -> String {
        self.text("document.getElementById('lines-of-script').value")
    }

    fn said(&self) -> String {
        self.text("document.getElementById('said').innerText")
    }

    fn type_in(&self, text: &str) {
        self.browser.call("Input.insertText", &json!({"text": text}));
    }

    /// What the page has complained about, and what it has requested besides its own program.
    fn complaints(&self) -> Vec<String> {
        let own = format!("it asks for \"{}act\"", self.address);
        self.browser.complaints().into_iter().filter(|it| *it != own).collect()
    }
}

#[test]
fn a_scenario_is_played_by_clicks_saved_and_run_as_a_check() {
    let Some(name) = chromium::installed() else { return };
    let page = Page::open(name, "cluster 3\n", WIDE, "light");
    page.choose("timeout S1");
    page.choose("lose from=S1 to=S3 kind=RequestVote");
    page.choose("deliver from=S1 to=S2 kind=RequestVote");
    page.choose("deliver from=S2 to=S1 kind=RequestVoteReply");
    page.choose("crash S2");
    // What holds now can be said by a click as well.
    page.choose("expect S1 leader term=1 vote=S1 log=none");
    let script = "cluster 3\ntimeout S1\nlose from=S1 to=S3 kind=RequestVote\ndeliver from=S1 to=S2 kind=RequestVote\n\
                  deliver from=S2 to=S1 kind=RequestVoteReply\ncrash S2\nexpect S1 leader term=1 vote=S1 log=none\n";
    assert_eq!(page.script(), script);
    assert_eq!(page.said(), "");
    // The diagram has a row for each step, and the cursor is at the last one.
    let rows = page.evaluate("document.querySelectorAll('#diagram .number').length");
    assert_eq!(rows, 6);
    assert_eq!(page.text("document.getElementById('now').textContent"), "Step 5 of 5: S2 crashes");
    page.evaluate("document.getElementById('file').value = 'by-clicks'");
    page.asking(|| page.click("#save"));
    assert_eq!(page.said(), "Saved as target/play/by-clicks.scenario.");
    let folder = page.specimen.root().join("target/play");
    let saved = fs::read_to_string(folder.join("by-clicks.scenario")).unwrap();
    assert!(saved.ends_with(&format!("\n\n{script}---\n")), "{saved}");
    let mut gate = Command::new(specimen::gate());
    gate.env("RAFT_LAB_SCENARIOS", folder).args(["--exact", "2.4::played_by_clicks"]);
    let output = gate.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn everything_can_be_done_by_keys() {
    let Some(name) = chromium::installed() else { return };
    let page = Page::open(name, "cluster 3\n", WIDE, "light");
    let press = |key: &str| page.browser.press(key);
    // A letter alone moves no server.
    for letter in ["c", "d", "h", "t", "r", "l", "l"] {
        press(letter);
    }
    assert_eq!(page.script(), "cluster 3\n");
    press("a");
    let focus = || page.text("document.activeElement.dataset.command ?? document.activeElement.id");
    assert_eq!(focus(), "timeout S1");
    page.asking(|| press("Enter"));
    // The button is still there, so the focus is still on it.
    assert_eq!(
        (page.script().as_str(), focus().as_str()),
        ("cluster 3\ntimeout S1\n", "timeout S1")
    );
    press("x");
    page.type_in("settle");
    page.asking(|| press("Enter"));
    assert_eq!(page.script(), "cluster 3\ntimeout S1\nsettle\n");
    assert_eq!(page.text("document.getElementById('command').value"), "");
    press("Escape");
    page.asking(|| press("u"));
    assert_eq!(page.script(), "cluster 3\ntimeout S1\n");
    page.asking(|| press("U"));
    assert_eq!(page.script(), "cluster 3\ntimeout S1\nsettle\n");
    // The script is edited and run by keys.
    press("s");
    assert_eq!(focus(), "lines-of-script");
    page.evaluate("document.activeElement.select()");
    page.type_in("cluster 5\ntimeout S4\n");
    let run =
        json!({"type": "keyDown", "key": "Enter", "windowsVirtualKeyCode": 13, "modifiers": 2});
    page.asking(|| {
        page.browser.call("Input.dispatchKeyEvent", &run);
    });
    assert_eq!(page.said(), "");
    assert_eq!(page.evaluate("document.querySelectorAll('#servers tbody').length"), 5);
    press("Escape");
    // A client asks.
    page.asking(|| page.click("#ask"));
    assert!(page.script().ends_with("client S1 \"set x 1\"\n"), "{}", page.script());
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn a_line_that_fails_is_explained_and_leaves_nothing_behind() {
    let Some(name) = chromium::installed() else { return };
    let page = Page::open(name, "cluster 3\ntimeout S1\nsettle\n", WIDE, "light");
    let script = page.script();
    let command = |line: &str| {
        page.browser.press("x");
        page.evaluate("document.getElementById('command').select()");
        page.type_in(line);
        page.asking(|| page.browser.press("Enter"));
        page.browser.press("Escape");
    };
    for (line, what) in [
        ("dance", "`dance` is not a command"),
        ("client S2 \"panic\"", "S2 panics: the client wanted it"),
        ("client S2 \"loop\"", "did not finish within"),
        ("<img src=x onerror=alert(1)>", "cannot be read"),
    ] {
        command(line);
        let said = page.said();
        assert!(said.contains(what) && said.contains("The command is undone."), "{said}");
        assert_eq!(page.script(), script);
    }
    assert_eq!(page.evaluate("document.querySelectorAll('img').length"), 0);
    // Two leaders: the diagram shows the moments, and what is done next begins before.
    command("client S2 \"usurp\"");
    assert_eq!(page.evaluate("document.querySelectorAll('#diagram .bad-mark').length"), 2);
    assert_eq!(
        page.text("document.querySelector('#lights .bad').textContent"),
        "✗ Election Safety"
    );
    page.choose("crash S3");
    assert_eq!(page.evaluate("document.querySelectorAll('#diagram .bad-mark').length"), 0);
    assert_eq!(page.script(), format!("{script}crash S3\n"));
    // In a script that is edited, the line is marked.
    page.evaluate(
        "document.getElementById('lines-of-script').value = 'cluster 3\\ntimeout S9\\nsettle\\n'",
    );
    page.asking(|| page.click("#run"));
    assert_eq!(page.text("document.querySelector('#gutter .bad').textContent"), "✗ 2\n");
    assert!(page.said().contains("Line 2: timeout S9"), "{}", page.said());
    page.asking(|| page.click("#leave-out"));
    assert_eq!(page.script(), "cluster 3\n");
    page.asking(|| page.browser.press("u"));
    assert!(page.script().contains("timeout S9"), "{}", page.script());
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn rebuilt_code_marks_what_has_become_different_and_one_can_go_back() {
    let Some(name) = chromium::installed() else { return };
    let page = Page::open(name, "cluster 3\ntimeout S1\nsettle\n", WIDE, "light");
    page.specimen.put("edited");
    // The page notices by itself.
    page.evaluate(
        "new Promise(done => {
           const look = () => document.getElementById('rebuild').classList.contains('changed') ? done(true) : setTimeout(look, 20);
           look();
         })",
    );
    assert!(page.said().starts_with("Your code has changed."), "{}", page.said());
    page.asking(|| page.browser.press("R"));
    let marked = page.evaluate(
        "[...document.querySelectorAll('#gutter .other')].map(one => one.textContent.trim())",
    );
    assert_eq!(marked, json!(["≠ 2", "≠ 3"]));
    let said = page.said();
    assert!(
        said.contains("- S1  -       term 1") && said.contains("+ S1  -       term 3"),
        "{said}"
    );
    // From a step in the middle: what comes after its command is taken back.
    page.browser.press("Home");
    page.browser.press("ArrowDown");
    page.evaluate("[...document.querySelectorAll('#details button')].at(-1).focus()");
    assert_eq!(page.text("document.activeElement.textContent"), "Continue after line 2");
    page.asking(|| page.browser.press("Enter"));
    assert_eq!(page.script(), "cluster 3\ntimeout S1\n");
    assert_eq!(page.complaints(), [""; 0]);
}

#[test]
fn everything_is_named_reached_by_tab_and_can_be_read() {
    let Some(name) = chromium::installed() else { return };
    let script = "cluster 3\ntimeout S1\nhold to=S3\nduplicate to=S2\ncut from=S1 to=S3\n";
    for size in [WIDE, NARROW] {
        let page = Page::open(name, script, size, "light");
        let unnamed = page.evaluate(
            "[...document.querySelectorAll('button, input, select, textarea')].filter(one => \
               !(one.textContent.trim() && one.localName === 'button' || one.getAttribute('aria-label'))).map(one => one.outerHTML)",
        );
        assert_eq!(unnamed, json!([]));
        let count = page.evaluate(
            "[...document.querySelectorAll('button, input, select, textarea')].filter(one => one.offsetParent && !one.disabled).length",
        );
        page.evaluate("document.activeElement.blur()");
        page.evaluate("window.reached = new Set()");
        for _ in 0..140 {
            page.browser.press("Tab");
            page.evaluate("void reached.add(document.activeElement)");
        }
        let reached = page.evaluate(
            "[...document.querySelectorAll('button, input, select, textarea')].filter(one => one.offsetParent && !one.disabled && reached.has(one)).length",
        );
        assert_eq!(reached, count, "{size:?}");
        let fits = page.evaluate("document.documentElement.scrollWidth <= innerWidth");
        assert_eq!(fits, true, "the page is wider than its window of {size:?}");
    }
    for scheme in ["light", "dark"] {
        let page = Page::open(name, script, WIDE, scheme);
        page.browser.press("x");
        page.type_in("timeout S9");
        page.asking(|| page.browser.press("Enter"));
        let low = page.evaluate(include_str!("../browser/contrast.js"));
        assert_eq!(low, json!([]), "{scheme}");
    }
}

/// A page in a file is connected to nothing, so it names the command.
#[test]
fn the_page_of_a_run_says_how_to_continue_from_a_step() {
    let Some(name) = chromium::installed() else { return };
    let specimen = Specimen::new();
    let session = Session::begin(specimen.order("cluster 3\ntimeout S1\nsettle\n")).unwrap();
    let mut run = session.state().recording;
    "target/play/x.scenario".clone_into(&mut run.source.name);
    let file = specimen.root().join("page.html");
    fs::write(&file, viewer::page(&[run])).unwrap();
    let browser = Chromium::start(name);
    browser.open(&file, WIDE, "light");
    browser.press("Home");
    browser.press("ArrowDown");
    let details = browser.evaluate("document.getElementById('details').textContent");
    let details = details.as_str().unwrap();
    assert!(details.contains("cargo xtask play target/play/x.scenario --to 2"), "{details}");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[test]
fn pictures_are_left_for_people() {
    let Some(name) = chromium::installed() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/viewer");
    fs::create_dir_all(&folder).unwrap();
    let script = "# S1 asks for votes.\ncluster 3\ntimeout S1\nduplicate to=S2\nhold to=S3\ndeliver to=S2\n---\n\n# Then S3 does.\ntimeout S3\n";
    for (size, width) in [(WIDE, "wide"), (NARROW, "narrow")] {
        for scheme in ["light", "dark"] {
            let page = Page::open(name, script, size, scheme);
            let keep = |what: &str| {
                let picture = page.browser.picture();
                assert!(picture.len() > 7_500, "the picture is empty");
                fs::write(folder.join(format!("play-{width}-{scheme}{what}.png")), picture)
                    .unwrap();
            };
            keep("");
            if width == "narrow" {
                page.evaluate("document.getElementById('live').scrollIntoView()");
                keep("-below");
            } else {
                page.browser.press("x");
                page.type_in("client S1 \"panic\"");
                page.asking(|| page.browser.press("Enter"));
                keep("-said");
            }
        }
    }
}
