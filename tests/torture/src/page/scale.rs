//! The axis of time, with the faults as bands.

use std::fmt::Write as _;
use std::time::Duration;

use super::markup::{class, text};
use crate::history::{Fault, History};

/// The width of a picture, in its own units.
pub(super) const WIDTH: f64 = 1_000.0;

/// Where the axis begins: to the left of it are names.
pub(super) const LEFT: f64 = 60.0;

/// A span of time as a span of the picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    from: u64,
    to: u64,
}

impl Scale {
    pub(super) fn new(from: u64, to: u64) -> Self {
        Scale { from, to: to.max(from + 1) }
    }

    /// Where a time is.
    pub(super) fn x(self, at: u64) -> f64 {
        let at = at.clamp(self.from, self.to);
        LEFT + (WIDTH - LEFT) * seconds(at - self.from) / seconds(self.to - self.from)
    }

    /// Whether something in this span is seen at all.
    pub(super) fn shows(self, from: u64, to: u64) -> bool {
        from <= self.to && to >= self.from
    }

    /// Marks on the axis, with lines up to the top.
    pub(super) fn axis(self, height: f64) -> String {
        let mut axis = String::new();
        let span = self.to - self.from;
        // About ten marks, at round times.
        let steps = [1_u64, 2, 5].into_iter().cycle();
        let tens = (0..10_u32).flat_map(|power| [10_u64.pow(power); 3]);
        let step = steps.zip(tens).map(|(digit, ten)| digit * ten * 1_000_000);
        let step = step.into_iter().find(|step| span / step <= 12).unwrap_or(span);
        let first = self.from.div_ceil(step) * step;
        let mut at = first;
        while at <= self.to {
            let x = self.x(at);
            let millis = at / 1_000_000;
            let label = if step < 1_000_000_000 {
                format!("{}.{:03}", millis / 1_000, millis % 1_000)
            } else {
                (millis / 1_000).to_string()
            };
            let _ = write!(
                axis,
                "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"0\" y2=\"{height}\"/>\
                 <text x=\"{x:.1}\" y=\"{:.0}\" text-anchor=\"middle\">{label} s</text>",
                height + 14.0
            );
            at += step;
        }
        axis
    }

    /// The faults as bands from the top to this height.
    pub(super) fn bands(self, history: &History, height: f64) -> String {
        let mut bands = String::new();
        for Fault { fault, begin, end, words } in history.faults() {
            if self.shows(*begin, *end) {
                let (x, to) = (self.x(*begin), self.x(*end));
                let _ = write!(
                    bands,
                    "<rect class=\"band {}\" x=\"{x:.1}\" y=\"0\" width=\"{:.1}\" height=\"{height}\">\
                     <title>{}</title></rect>",
                    class(fault),
                    (to - x).max(1.0),
                    text(words)
                );
            }
        }
        bands
    }
}

/// A duration in nanoseconds as seconds.
pub(super) fn seconds(nanos: u64) -> f64 {
    Duration::from_nanos(nanos).as_secs_f64()
}

/// A picture of this height, with what is in it, and words for those who do not see it.
pub(super) fn picture(height: f64, words: &str, inside: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 {} {:.0}\" role=\"img\" aria-label=\"{}\">{inside}</svg>\n",
        WIDTH + 20.0,
        height + 20.0,
        text(words)
    )
}
