//! The book in `docs/`: its figures, drawn from what the reference does.
//!
//! A figure is a scenario, `docs/figures/NAME.scenario`. It is run, and what happened in it is drawn
//! ([`Figure`]), so that no figure can show what the servers do not do.
//!
//! | file | about |
//! |---|---|
//! | `figure.rs` | a figure's script: what its comment says |
//! | `draw.rs` | running it, and drawing the run |
//! | `assembled.rs` | the page about the assembled server |
//! | `state.rs` | what a server shows in a figure |
//! | `moments.rs` | a run as rows of a space-time diagram |
//! | `words.rs` | messages and links in few words |
//! | `timeline.rs` | the space-time diagram |
//! | `lane.rs` | what stands on a server's line in it |
//! | `arrows.rs` | messages in it |
//! | `logs.rs` | the other kind of figure: logs, as rows of boxes |
//! | `palette.rs` | colours, and how well one is read upon another |
//! | `svg.rs` | the text of an SVG |
//! | `samples.rs` | samples of code on pages, which are compiled |

mod arrows;
pub mod assembled;
mod draw;
mod figure;
mod lane;
mod logs;
mod moments;
mod palette;
#[cfg(doctest)]
mod samples;
mod state;
mod svg;
mod timeline;
mod words;

pub use figure::Figure;
