//! The operations that contradict each other, among those around them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::leaders;
use super::markup::text;
use super::scale::{LEFT, Scale, picture};
use crate::history::{History, Operation};
use crate::verdict::{Finding, sentence};

/// The height of a client's row.
const ROW: f64 = 22.0;

/// At most this many operations around those that contradict each other are drawn.
const AROUND: usize = 400;

pub(super) fn section(history: &History, finding: &Finding, number: usize) -> String {
    let mut section = format!(
        "<h3 id=\"finding-{number}\">{}</h3>\n<pre>{}</pre>\n",
        text(&finding.title),
        text(finding.words.trim_end())
    );
    let Some((from, to)) = finding.span else { return section };
    let margin = ((to - from) / 8).max(20_000_000);
    let scale = Scale::new(from.saturating_sub(margin), to + margin);
    if !finding.operations.is_empty() {
        section.push_str(
            "<p>Each row is a client, each bar one of its operations on this key. Red ones contradict each other; point \
             at a bar to read it.</p>\n",
        );
        section.push_str(&operations(history, finding, scale));
    }
    section.push_str("<p>The servers at that time:</p>\n");
    section.push_str(&leaders::picture_of(history, scale));
    section
}

fn operations(history: &History, finding: &Finding, scale: Scale) -> String {
    let Some(key) = finding.operations.first().map(|&place| &history.operations[place].call.key)
    else {
        return String::new();
    };
    let mut shown: Vec<(usize, &Operation)> = history
        .operations
        .iter()
        .enumerate()
        .filter(|(_, it)| it.call.key == *key)
        .filter(|(_, it)| scale.shows(it.called, it.returned.unwrap_or(u64::MAX)))
        .collect();
    if shown.len() > AROUND {
        // Reads change nothing, so they explain least.
        shown.retain(|(place, it)| finding.operations.contains(place) || it.call.name != "get");
    }
    if shown.len() > AROUND {
        shown.retain(|(place, _)| finding.operations.contains(place));
    }
    let mut rows: BTreeMap<u64, f64> = BTreeMap::new();
    rows.extend(shown.iter().map(|(_, operation)| (operation.client, 0.0)));
    let mut y = 0.0;
    for row in rows.values_mut() {
        (*row, y) = (y, y + ROW);
    }
    let mut inside = scale.bands(history, y) + &scale.axis(y);
    for (client, row) in &rows {
        let name = format!("client {client}");
        let _ =
            write!(inside, "<text class=\"strong\" x=\"0\" y=\"{:.0}\">{name}</text>", row + 15.0);
    }
    // The guilty ones last, so that none of them is hidden.
    shown.sort_by_key(|(place, _)| finding.operations.contains(place));
    for (place, operation) in shown {
        let is_guilty = finding.operations.contains(&place);
        inside.push_str(&bar(operation, rows[&operation.client], is_guilty, scale));
    }
    picture(y, &finding.title, &inside)
}

fn bar(operation: &Operation, row: f64, is_guilty: bool, scale: Scale) -> String {
    let x = scale.x(operation.called);
    let width = (scale.x(operation.returned.unwrap_or(u64::MAX)) - x).max(2.0);
    let class = if is_guilty { "guilty" } else { "operation" };
    let mut bar = format!(
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{width:.1}\" height=\"12\"><title>{}</title></rect>",
        row + 5.0,
        text(&sentence(operation))
    );
    if is_guilty {
        let answer = operation.answer.as_deref();
        let label = match operation.call.name.as_str() {
            "get" => format!("read {}", answer.unwrap_or("no value")),
            "incrby" => format!("+{}", operation.call.arguments.join(" ")),
            name => format!("{name} {}", operation.call.arguments.join(" ")),
        };
        let label: String = label.chars().take(24).collect();
        // To the left of the bar where the picture ends.
        let (at, anchor) =
            if x > 800.0 { (x - 4.0, "end") } else { ((x + width + 4.0).max(LEFT), "start") };
        let _ = write!(
            bar,
            "<text class=\"guilty\" x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            row + 15.0,
            text(&label)
        );
    }
    bar
}
