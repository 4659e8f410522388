//! The book in `docs/`: its figures, drawn from what the reference does.
//!
//! A figure is a scenario, `docs/figures/NAME.scenario`. It is run, and `viewer` draws what happened in it ([`Figure`]), so
//! that no figure can show what the servers do not do.
//!
//! | file | about |
//! |---|---|
//! | `figure.rs` | a figure's script: running it, and drawing the run |
//! | `assembled.rs` | the page about the assembled server |
//! | `samples.rs` | samples of code on pages, which are compiled |

pub mod assembled;
mod figure;
#[cfg(doctest)]
mod samples;

pub use figure::Figure;
