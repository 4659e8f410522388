//! Samples of code on pages: what kind they are of, and that those in Rust are compiled.

use std::fs;

use super::none;
use super::page::{Block, ours, root};

/// What may be behind a fence, besides Rust and the scenarios that have tests of their own.
const KINDS: [&str; 6] = ["text", "console", "console,not-run", "toml", "json", "markdown"];

/// Pages whose scenarios are run: by tests of modules 2 and 4, and by those of the instructors' kit.
const RUN: [&str; 4] = [
    "docs/first-scenario.md",
    "docs/scenarios.md",
    "docs/instructors/exam-bank.md",
    "docs/instructors/rubrics.md",
];

fn is_rust(block: &Block) -> bool {
    block.fence.as_ref().is_some_and(|fence| fence == "rust" || fence.starts_with("rust,"))
}

#[test]
fn every_block_of_code_says_what_it_is() {
    let mut wrong = Vec::new();
    for page in ours() {
        for block in &page.blocks {
            let why = match block.fence.as_deref() {
                // The documentation's tests would take either for Rust.
                None => "a block is set in; put it between fences".to_owned(),
                Some("") => "a fence does not say what follows; `text` if nothing fits".to_owned(),
                Some("rust,ignore") if !block.comment.contains("<!-- not compiled: ") => {
                    "say why it is not compiled, in a line `<!-- not compiled: … -->` before it"
                        .to_owned()
                }
                Some("rust" | "rust,ignore" | "rust,should_panic" | "rust,compile_fail") => {
                    continue;
                }
                Some(fence) if KINDS.contains(&fence) => continue,
                // Other tests run what stands on these pages.
                Some(fence) if fence.starts_with("scenario") && RUN.contains(&&*page.path) => {
                    continue;
                }
                Some(fence) => format!("`{fence}` is not known here"),
            };
            wrong.push(format!("{}: {why}", page.place(block.at)));
        }
    }
    none(&wrong);
}

#[test]
fn every_page_with_samples_is_compiled() {
    let samples =
        fs::read_to_string(root().join("tests/book/src/samples.rs")).expect("it is there");
    let mut wrong = Vec::new();
    for page in ours() {
        let line = format!("include_str!(\"../../../{}\")", page.path);
        if page.blocks.iter().any(is_rust) && !samples.contains(&line) {
            wrong.push(format!("tests/book/src/samples.rs does not have {line}"));
        }
    }
    none(&wrong);
}
