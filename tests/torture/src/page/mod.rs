//! The run as a page: one file of HTML and SVG, which fetches nothing and needs no script.
//!
//! | file | about |
//! |---|---|
//! | `scale.rs` | the axis of time, with the faults as bands |
//! | `load.rs` | throughput and latency |
//! | `leaders.rs` | which servers led, and when |
//! | `evidence.rs` | the operations that contradict each other |
//! | `markup.rs` | data as text, and kinds of faults as classes |

mod evidence;
mod leaders;
mod load;
mod markup;
mod scale;

use std::fmt::Write as _;

use self::markup::{class, text};
use crate::history::{History, Line, Outcome};
use crate::verdict::{Verdict, in_seconds};

const MARKUP: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");

/// At most this many contradictions are drawn.
const MOST_FINDINGS: usize = 20;

/// The page of a run.
pub fn page(history: &History, verdict: &Verdict) -> String {
    let run = &history.run;
    let title = text(&format!("Torture of {}, seed {}", run.made_of, run.seed));
    let mut body = String::new();
    let _ = write!(
        body,
        "<h1>{}</h1>\n<p class=\"{}\">{}</p>\n<p>{}</p>\n",
        title,
        if verdict.is_well() { "well" } else { "ill" },
        text(&in_a_sentence(verdict)),
        text(&summary(history)),
    );
    if !verdict.is_well() {
        body.push_str("<h2>The contradictions</h2>\n");
    }
    for (number, finding) in verdict.findings.iter().enumerate().take(MOST_FINDINGS) {
        body.push_str(&evidence::section(history, finding, number));
    }
    if verdict.findings.len() > MOST_FINDINGS {
        body.push_str("<p>The others are in <code>verdict.txt</code>.</p>\n");
    }
    body.push_str("<h2>What the clients saw</h2>\n");
    body.push_str(&load::pictures(history));
    body.push_str("<h2>Who led</h2>\n");
    body.push_str(&leaders::picture_with_words(history));
    body.push_str("<h2>The faults</h2>\n");
    body.push_str(&faults(history));
    // In one pass, so that nothing in a history is replaced.
    let mut page = String::with_capacity(body.len() + 16_000);
    let mut rest = MARKUP;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("a name is closed");
        page.push_str(before);
        page.push_str(match name {
            "title" => &title,
            "style" => STYLE,
            _ => &body,
        });
        rest = after;
    }
    page + rest
}

fn in_a_sentence(verdict: &Verdict) -> String {
    match &verdict.findings[..] {
        [] if !verdict.undecided.is_empty() => verdict.undecided_in_words(),
        [] => "No contradiction was found: everything that clients saw could have come from one copy of the store, and \
               the servers agree."
            .to_owned(),
        [one] => one.title.clone(),
        [first, second] => format!("{}, and {}", first.title, second.title),
        [first, rest @ ..] => format!("{}, and {} more contradictions", first.title, rest.len()),
    }
}

fn summary(history: &History) -> String {
    let run = &history.run;
    let count = |outcome| history.operations.iter().filter(|it| it.outcome == outcome).count();
    format!(
        "{} servers made of {}, {} clients {}, {} s {}. {} operations: {} were executed, {} certainly were not, and the \
         outcome of {} is unknown.",
        run.servers,
        run.made_of,
        run.clients,
        if run.sessions { "with sessions" } else { "without sessions" },
        run.seconds,
        if run.faults.is_empty() {
            "without faults".to_owned()
        } else {
            format!("with faults ({})", run.faults.join(", "))
        },
        history.operations.len(),
        count(Outcome::Done),
        count(Outcome::Nothing),
        count(Outcome::Unknown),
    )
}

fn faults(history: &History) -> String {
    let mut table = String::from(
        "<table><tr><th>from</th><th>to</th><th>what</th><th>available again</th></tr>\n",
    );
    for fault in history.faults() {
        let again = history.others.iter().find_map(|line| match line {
            Line::Available { healed, at } if *healed == fault.end => {
                Some(at.saturating_sub(*healed))
            }
            _ => None,
        });
        let again = again.map_or("no".to_owned(), |took| format!("after {}", in_seconds(took)));
        let _ = writeln!(
            table,
            "<tr><td>{}</td><td>{}</td><td><span class=\"key {}\"></span> {}</td><td>{again}</td></tr>",
            in_seconds(fault.begin),
            in_seconds(fault.end),
            class(&fault.fault),
            text(&fault.words),
        );
    }
    table.push_str("</table>\n");
    table
}
