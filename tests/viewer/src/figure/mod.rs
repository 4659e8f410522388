//! A run as a figure: an SVG, or lines of text for a terminal.
//!
//! Time runs down. Each row is one step of the run, or several steps that belong together. Its words are in a column to the
//! right of the servers' lines, so that no arrow crosses them.
//!
//! | file | about |
//! |---|---|
//! | `header.rs` | what the comment at the top of a figure's script says |
//! | `state.rs` | what a server holds, row by row |
//! | `rows.rs` | the steps of a run as rows |
//! | `arrows.rs` | messages, from row to row |
//! | `words.rs` | what a row says |
//! | `plan.rs` | where everything is |
//! | `time.rs` | the space-time diagram |
//! | `lanes.rs` | the servers' lines in it |
//! | `logs.rs` | the other kind of figure: logs, at the end of each block |
//! | `panels.rs` | the servers at the end of each block |
//! | `text.rs` | both kinds as lines of text |
//! | `svg.rs` | the text of an SVG |
//! | `numbers.rs` | numbers of a recording as places and units |
//! | `figure.css` | colors and lines, light and dark |

mod arrows;
mod header;
mod lanes;
mod logs;
mod numbers;
mod panels;
mod plan;
mod rows;
mod state;
mod svg;
mod text;
mod time;
mod words;

use simulator::Recording;

pub use header::{Header, Kind};

/// The figure of a run: the text of an SVG. If the run is too long for one screen, the figure shows its end, and says so.
pub fn figure(run: &Recording, header: &Header) -> String {
    match header.kind {
        Kind::Time => time::draw(run, header),
        Kind::Logs => logs::draw(run, header),
    }
}

/// The same as lines of text, for the whole run.
pub fn figure_text(run: &Recording, header: &Header) -> String {
    text::draw(run, header)
}
