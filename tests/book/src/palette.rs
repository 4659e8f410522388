//! Colours. A term has a colour and always its number beside it: who sees no colours misses nothing.

use protocol::Term;

/// What figures are drawn on: they look the same on a light page and on a dark one.
pub(crate) const PAPER: &str = "#ffffff";

/// The line around a figure, which means nothing.
pub(crate) const EDGE: &str = "#c9ced6";

/// Below a caption.
pub(crate) const BAND: &str = "#eef1f5";

/// Text, and lines of no term.
pub(crate) const INK: &str = "#1c2530";

/// What is not there: a server that is down, a message that got lost.
pub(crate) const GONE: &str = "#5a6472";

/// The colours of terms, in turn.
const TERMS: [&str; 9] = [
    "#56606d", "#0b5cad", "#a8440a", "#1b6e3a", "#7a2a8c", "#7d5a00", "#b0124a", "#00676b",
    "#3f45b5",
];

/// The colour of a term. Neighbours never have the same.
pub(crate) fn of(term: Term) -> &'static str {
    match term.0 {
        0 => TERMS[0],
        term => {
            let others = TERMS.len() as u64 - 1;
            let place = 1 + (term - 1) % others;
            TERMS[usize::try_from(place).unwrap_or(0)]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours as WCAG 2 defines it, 1 to 21.
    fn contrast(one: &str, other: &str) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(colour: &str) -> f64 {
        let channel = |from: usize| {
            let value = u8::from_str_radix(&colour[from..from + 2], 16).unwrap();
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn what_carries_meaning_is_read_well() {
        assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 0.01);
        for colour in TERMS.iter().chain([&INK, &GONE]) {
            // As a line or a text on the paper, and as the ground of white letters.
            assert!(contrast(colour, PAPER) >= 4.5, "{colour} on {PAPER}");
            assert!(contrast(colour, BAND) >= 4.5, "{colour} on {BAND}");
        }
    }

    #[test]
    fn a_term_has_another_colour_than_those_around_it() {
        for term in 0..30 {
            assert_ne!(of(Term(term)), of(Term(term + 1)));
        }
    }
}
