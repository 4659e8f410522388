//! How large the page of a long run is, how soon it is shown, and how long a step takes:
//!
//! ```text
//! cargo nextest run -p book --run-ignored only -E 'test(long_storms)' --no-capture
//! cargo bench -p viewer
//! ```
//!
//! The second line needs Chromium. A step is measured from the key to the layout that it causes.

use std::fs;
use std::path::Path;
use std::time::Instant;

use simulator::Recording;

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../tests/browser/chromium.rs"]
mod chromium;

use chromium::Chromium;

/// Steps with the keyboard, a hundred times from somewhere in the middle; the median and the 95th percentile.
const STEPS: &str = "
    (() => {
      const key = key => document.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
      const times = [];
      for (let at = 0; at < 100; at++) {
        const start = performance.now();
        key('ArrowDown');
        document.body.getBoundingClientRect();
        document.getElementById('panel').scrollHeight;
        times.push(performance.now() - start);
      }
      times.sort((one, other) => one - other);
      return `${times[50].toFixed(1)} ms (95 %: ${times[95].toFixed(1)} ms)`;
    })()
";

fn main() {
    let Some(name) = chromium::installed() else { return };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/viewer");
    let browser = Chromium::start(name);
    for events in [2_000, 100_000] {
        let recording = folder.join(format!("storm-{events}.json"));
        let Ok(text) = fs::read_to_string(&recording) else {
            println!(
                "{} is not there: the comment at the top says how to make it",
                recording.display()
            );
            return;
        };
        let runs = Recording::read_all(&text).expect("a recording");
        let start = Instant::now();
        let page = viewer::page(&runs);
        let made = start.elapsed();
        let file = folder.join(format!("storm-{events}.html"));
        fs::write(&file, &page).expect("the page can be written");
        let file = fs::canonicalize(&file).expect("the page is there");
        println!(
            "{events} events: {} bytes of recording, {} of page, made in {made:.0?}",
            text.len(),
            page.len()
        );
        // The first page of a browser takes longer than the others.
        browser.open(&file, (1280, 800), "light");
        let start = Instant::now();
        browser.open(&file, (1280, 800), "light");
        println!("  shown after {:.0?}", start.elapsed());
        browser.evaluate(&format!("location.hash = '#0.{}'", runs[0].steps() / 2));
        browser.evaluate("new Promise(done => setTimeout(done, 200))");
        println!("  a step takes {}", browser.evaluate(STEPS).as_str().unwrap_or_default());
    }
}
