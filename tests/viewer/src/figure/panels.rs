//! The servers at the end of each block that has a comment.

use simulator::Recording;

use super::state::{State, States};

/// The servers at the end of a block.
pub(super) struct Panel {
    /// `(a)`, or a number.
    pub(super) mark: String,
    pub(super) caption: String,
    pub(super) servers: Vec<State>,
    /// Whether each server is cut off from all others.
    pub(super) cut_off: Vec<bool>,
    /// Whether a server does not reach the next one in order, and neither is cut off altogether.
    pub(super) fences: Vec<bool>,
}

/// The blocks of a run that have a comment.
pub(super) fn of(run: &Recording) -> Vec<Panel> {
    let mut states = States::new(run);
    let ends = run.blocks.iter().skip(1).map(|block| block.step).chain([run.steps()]);
    let mut panels = Vec::new();
    for (block, end) in run.blocks.iter().zip(ends) {
        states.advance(end.saturating_sub(1));
        if block.reason.is_empty() {
            continue;
        }
        let own = block.reason.split_once(' ').filter(|(mark, _)| is_mark(mark));
        let has_marks =
            run.blocks.iter().any(|block| block.reason.split(' ').next().is_some_and(is_mark));
        let (mark, caption) = match own {
            Some((mark, caption)) => (mark.to_owned(), caption.to_owned()),
            None if has_marks => ("then".to_owned(), block.reason.clone()),
            None => ((panels.len() + 1).to_string(), block.reason.clone()),
        };
        let cut_off = (1..=run.servers).map(|server| states.is_cut_off(server)).collect();
        let fences = (1..=run.servers).map(|server| states.has_fence(server)).collect();
        panels.push(Panel { mark, caption, servers: states.servers.clone(), cut_off, fences });
    }
    panels
}

/// `(a)`.
pub(super) fn is_mark(word: &str) -> bool {
    word.len() == 3 && word.starts_with('(') && word.ends_with(')')
}
