//! Throughput and latency over time.

use std::fmt::Write as _;

use super::scale::{LEFT, Scale, WIDTH, picture, seconds};
use crate::history::{History, Outcome};

/// The height of a picture.
const HEIGHT: f64 = 170.0;

/// Operations are counted in spans of at least this many nanoseconds.
const LEAST: u64 = 250_000_000;

/// At most this many spans.
const MOST: u64 = 240;

/// The percentiles that are drawn: the class of a line, its name, and the share of operations that were not slower.
const SHARES: [(&str, &str, f64); 3] =
    [("p50", "p50", 0.5), ("p99", "p99", 0.99), ("p999", "p99.9", 0.999)];

pub(super) fn pictures(history: &History) -> String {
    let end = history.end();
    let scale = Scale::new(0, end);
    let span = LEAST.max(end / MOST);
    let mut spans: Vec<Vec<u64>> = vec![Vec::new(); usize::try_from(end / span).unwrap_or(0) + 1];
    for operation in history.operations.iter().filter(|it| it.outcome == Outcome::Done) {
        let Some(returned) = operation.returned else { continue };
        if let Some(latencies) =
            spans.get_mut(usize::try_from(returned / span).unwrap_or(usize::MAX))
        {
            latencies.push(returned - operation.called);
        }
    }
    for latencies in &mut spans {
        latencies.sort_unstable();
    }
    [throughput(history, scale, span, &spans), latency(history, scale, span, &spans)].concat()
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

fn throughput(history: &History, scale: Scale, span: u64, spans: &[Vec<u64>]) -> String {
    let rates: Vec<f64> = spans.iter().map(|it| number(it.len()) / seconds(span)).collect();
    let most = rates.iter().copied().fold(1.0, f64::max);
    let mut inside = scale.bands(history, HEIGHT) + &scale.axis(HEIGHT);
    inside.push_str(&unavailable(history, scale));
    let points = (0..).zip(&rates).map(|(at, rate)| {
        let x = scale.x(at * span + span / 2);
        format!("{x:.1},{:.1}", HEIGHT * (1.0 - rate / most))
    });
    let _ = write!(
        inside,
        "<polyline class=\"line\" points=\"{}\"/><text class=\"strong\" x=\"0\" y=\"12\">{most:.0}/s</text>\
         <text x=\"0\" y=\"{HEIGHT}\">0</text>",
        points.collect::<Vec<_>>().join(" ")
    );
    let words = format!("Operations executed per second, at most {most:.0}.");
    format!(
        "<p>Operations executed per second. Coloured bands are faults; red bars at the bottom are spans without any \
         command executed.</p>\n{}",
        picture(HEIGHT, &words, &inside)
    )
}

/// The spans without any command executed, from the first request for one to the last. Spans of at most half the longest
/// election timeout are left out.
fn unavailable(history: &History, scale: Scale) -> String {
    let commands = || history.operations.iter().filter(|it| it.call.name != "get");
    let done = commands().filter(|it| it.outcome == Outcome::Done);
    let mut ends: Vec<u64> = done.filter_map(|it| it.returned).collect();
    // Nothing may have been executed before the first answer, or after the last one.
    ends.extend(commands().map(|it| it.called).min());
    ends.extend(commands().map(|it| it.called).max());
    ends.sort_unstable();
    let limit = history.run.election_timeout / 2;
    let mut bars = String::new();
    for pair in ends.windows(2).filter(|pair| pair[1] - pair[0] > limit) {
        let (x, to) = (scale.x(pair[0]), scale.x(pair[1]));
        let _ = write!(
            bars,
            "<rect class=\"gone\" x=\"{x:.1}\" y=\"{:.0}\" width=\"{:.1}\" height=\"6\"><title>no command executed for \
             {:.2} s</title></rect>",
            HEIGHT - 6.0,
            to - x,
            seconds(pair[1] - pair[0])
        );
    }
    bars
}

/// Latencies have a logarithmic axis, from 0.1 ms to 10 s.
fn y(nanos: u64) -> f64 {
    let millis = seconds(nanos) * 1_000.0;
    HEIGHT * (1.0 - (millis.max(0.1).log10() + 1.0) / 5.0).clamp(0.0, 1.0)
}

fn latency(history: &History, scale: Scale, span: u64, spans: &[Vec<u64>]) -> String {
    let mut inside = scale.bands(history, HEIGHT) + &scale.axis(HEIGHT);
    for (nanos, label) in
        [(1_000_000, "1 ms"), (10_000_000, "10 ms"), (100_000_000, "0.1 s"), (1_000_000_000, "1 s")]
    {
        let y = y(nanos);
        let _ = write!(
            inside,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text x=\"0\" y=\"{:.1}\">{label}</text>",
            y + 4.0
        );
    }
    for (class, _, share) in SHARES {
        // Where nothing was executed, there is no latency: the line is interrupted.
        let mut line: Vec<String> = Vec::new();
        for (at, latencies) in (0..).zip(spans.iter().chain([&Vec::new()])) {
            if let Some(latency) = part(latencies, share) {
                line.push(format!("{:.1},{:.1}", scale.x(at * span + span / 2), y(latency)));
            } else if !line.is_empty() {
                let _ = write!(
                    inside,
                    "<polyline class=\"line {class}\" points=\"{}\"/>",
                    line.join(" ")
                );
                line.clear();
            }
        }
    }
    for ((class, name, _), x) in SHARES.into_iter().zip([70, 110, 150]) {
        let _ = write!(inside, "<text class=\"{class}\" x=\"{x}\" y=\"12\">{name}</text>");
    }
    let all = {
        let mut all: Vec<u64> = spans.concat();
        all.sort_unstable();
        let of = |(_, name, share)| {
            let latency = part(&all, share).unwrap_or(0);
            format!("{name} {:.1} ms", seconds(latency) * 1_000.0)
        };
        SHARES.map(of).join(", ")
    };
    format!(
        "<p>How long executed operations took: {all} over the whole run. Retries after \"nothing was done\" are \
         included.</p>\n{}",
        picture(HEIGHT, &format!("Latency: {all}"), &inside)
    )
}

/// The latency that this share of operations did not exceed.
fn part(sorted: &[u64], share: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in the list"
    )]
    let place = (number(sorted.len()) * share) as usize;
    sorted.get(place.min(sorted.len().saturating_sub(1))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_none_is_none() {
        assert_eq!(part(&[], 0.5), None);
        assert_eq!(part(&[7], 0.999), Some(7));
        let hundred: Vec<u64> = (0..100).collect();
        assert_eq!(part(&hundred, 0.5), Some(50));
        assert_eq!(part(&hundred, 0.99), Some(99));
    }

    #[test]
    fn the_axis_of_latency_is_logarithmic() {
        assert!(y(1_000_000) - y(10_000_000) - (y(10_000_000) - y(100_000_000)) < 1e-9);
        assert!((y(0) - HEIGHT).abs() < 1e-9 && y(u64::MAX) < 1e-9);
    }
}
