//! The pages of the book agree with the tree around them: every page is listed, links lead somewhere, every
//! exercise has its place, and samples of code are compiled.

mod contents;
mod environment;
mod exercises;
mod glossary;
mod links;
mod page;
mod pictures;
mod samples;

/// Says all that is wrong at once.
fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
