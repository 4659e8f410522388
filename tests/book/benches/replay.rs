//! How long it takes to record a storm of 2,000 and of 100,000 events, how large its page is, how soon it is shown, and how
//! long a step takes:
//!
//! ```text
//! cargo bench --profile dev -p book --bench replay
//! ```
//!
//! It is measured in the dev profile, in which learners record. The page needs Chromium. A step is measured from the key to the
//! layout that it causes.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use simulator::Recording;

#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../../viewer/tests/browser/chromium.rs"]
mod chromium;
#[allow(dead_code, reason = "the tests need more of it")]
#[path = "../tests/reference/mod.rs"]
mod reference;
#[path = "../tests/storm/mod.rs"]
mod storm;

use chromium::Chromium;

/// How often each time is taken; the best and the median are printed.
const TIMES: usize = 3;

/// Steps with the keyboard, three hundred times from somewhere in the middle; the median and the 95th percentile in
/// microseconds.
const STEPS: &str = "
    (() => {
      const key = key => document.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
      const times = [];
      for (let at = 0; at < 300; at++) {
        const start = performance.now();
        key('ArrowDown');
        document.body.getBoundingClientRect();
        document.getElementById('panel').scrollHeight;
        times.push(performance.now() - start);
      }
      times.sort((one, other) => one - other);
      return [Math.round(times[150] * 1000), Math.round(times[285] * 1000)];
    })()
";

fn main() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/viewer");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let browser = chromium::installed().map(Chromium::start);
    let mut medians = Vec::new();
    for events in [2_000, 100_000] {
        println!("{events} events");
        let run = record(events);
        let (file, size) = make_page(&run, &folder, events);
        println!("  page: {size} bytes");
        if let Some(browser) = &browser {
            medians.push(show(browser, &file, run.steps()));
        }
    }
    if let [short, long] = medians[..] {
        println!("a step at 100,000 events takes {:.2} times as long as at 2,000", long / short);
    }
}

/// Prints how long something takes, and returns what came of it the last time.
fn timed<T>(name: &str, mut work: impl FnMut() -> T) -> T {
    let (mut times, mut busy) = (Vec::new(), Vec::new());
    let mut last = None;
    for _ in 0..TIMES {
        let (start, cpu) = (Instant::now(), cpu_time());
        last = Some(work());
        times.push(start.elapsed());
        busy.extend(cpu_time().zip(cpu).map(|(now, before)| now.saturating_sub(before)));
    }
    times.sort();
    busy.sort();
    print!("  {name}: best {:.0?}, median {:.0?}", times[0], times[TIMES / 2]);
    match busy.get(TIMES / 2) {
        Some(busy) => println!(", of this process {busy:.0?} of CPU time"),
        None => println!(),
    }
    last.expect("it was done at least once")
}

/// The CPU time of this thread, where the system tells it (Linux): it says more than a clock while other programs run.
fn cpu_time() -> Option<Duration> {
    let text = fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn record(events: u64) -> Recording {
    timed("the storm alone", || storm::world().run_events(events).expect("a right server"));
    timed("the storm, recorded", || storm::recorded(events))
}

fn make_page(run: &Recording, folder: &Path, events: u64) -> (PathBuf, usize) {
    let runs = std::slice::from_ref(run);
    let text = timed("the recording as JSON", || serde_json::to_string(runs).expect("numbers"));
    println!("  recording: {} steps, {} bytes", run.steps(), text.len());
    let page = timed("the page of it", || viewer::page(runs));
    let file = folder.join(format!("storm-{events}.html"));
    fs::write(&file, &page).expect("the page can be written");
    (fs::canonicalize(&file).expect("the page is there"), page.len())
}

/// Opens the page and steps through it. Returns the median of a step in microseconds.
fn show(browser: &Chromium, file: &Path, steps: u64) -> f64 {
    let window = (1280, 800);
    // The first page of a browser takes longer than the others.
    browser.open(file, window, "light");
    timed("shown", || browser.open(file, window, "light"));
    let mut medians = Vec::new();
    let mut slow = Vec::new();
    for part in 1..=TIMES as u64 {
        browser.evaluate(&format!("location.hash = '#0.{}'", steps * part / (TIMES as u64 + 1)));
        browser.evaluate("new Promise(done => setTimeout(done, 200))");
        let found = browser.evaluate(STEPS);
        medians.push(found[0].as_f64().unwrap_or_default());
        slow.push(found[1].as_f64().unwrap_or_default());
    }
    medians.sort_by(f64::total_cmp);
    slow.sort_by(f64::total_cmp);
    let micros = |micros: f64| Duration::from_secs_f64(micros / 1e6);
    let (median, slow) = (medians[TIMES / 2], slow[TIMES / 2]);
    println!("  a step: median {:.1?}, 95 %: {:.1?}", micros(median), micros(slow));
    median
}
