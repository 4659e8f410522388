//! Messages: from where they are sent to where they arrive, or get lost.

use std::collections::BTreeSet;

use protocol::Term;

use crate::lane::cross;
use crate::moments::Fate;
use crate::palette;
use crate::svg::Svg;

/// A message's way on the paper.
pub(crate) struct Way {
    pub(crate) from: (i32, i32),
    pub(crate) to: (i32, i32),
    /// Where it is held back: how far from the left, and between which heights.
    pub(crate) held: Option<(i32, i32, i32)>,
    pub(crate) fate: Fate,
    /// Its term; none if it is a client's.
    pub(crate) term: Option<Term>,
}

/// So far an arrow stays off the line that it points to.
const GAP: i32 = 4;

/// The heads of arrows, one for each colour.
pub(crate) fn heads(svg: &mut Svg, terms: &BTreeSet<Option<Term>>) {
    for &term in terms {
        let (name, colour) = (head(term), colour(term));
        svg.raw(format!(
            r#"<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L10 5L0 9z" fill="{colour}"/></marker>"#
        ));
    }
}

/// Draws a message's way.
pub(crate) fn draw(svg: &mut Svg, way: &Way) {
    let (x, y) = way.from;
    let (mut end_x, end_y) = way.to;
    // What does not arrive ends on its way.
    match way.fate {
        Fate::Arrives => end_x -= (end_x - x).signum() * GAP,
        Fate::Lost | Fate::UnderWay => end_x = x + (end_x - x) * 3 / 5,
    }
    let (colour, dashes) = (colour(way.term), dashes(way.fate));
    let head = match way.fate {
        Fate::Arrives => format!(r#" marker-end="url(#{})""#, head(way.term)),
        _ => String::new(),
    };
    let stroke = format!(r#"fill="none" stroke="{colour}" stroke-width="2"{dashes}"#);
    match way.held {
        None => svg.element("path", format!(r#"d="M{x} {y}L{end_x} {end_y}" {stroke}{head}"#)),
        Some((middle, from, to)) => {
            svg.element("path", format!(r#"d="M{x} {y}L{middle} {from}" {stroke}"#));
            svg.element(
                "path",
                format!(r#"d="M{middle} {from}V{to}" fill="none" stroke="{colour}" stroke-width="4" stroke-dasharray="2 4""#),
            );
            svg.element("path", format!(r#"d="M{middle} {to}L{end_x} {end_y}" {stroke}{head}"#));
        }
    }
    match way.fate {
        Fate::Lost => cross(svg, end_x, end_y, colour),
        Fate::UnderWay => {
            let paper = palette::PAPER;
            svg.element(
                "circle",
                format!(r#"cx="{end_x}" cy="{end_y}" r="4" fill="{paper}" stroke="{colour}" stroke-width="2""#),
            );
        }
        Fate::Arrives => {}
    }
}

fn dashes(fate: Fate) -> &'static str {
    match fate {
        Fate::Lost => r#" stroke-dasharray="5 4""#,
        Fate::Arrives | Fate::UnderWay => "",
    }
}

/// The colour of what a message says, and of its way.
pub(crate) fn colour(term: Option<Term>) -> &'static str {
    term.map_or(palette::INK, palette::of)
}

fn head(term: Option<Term>) -> String {
    term.map_or_else(|| "head-client".to_owned(), |term| format!("head-{term}"))
}
