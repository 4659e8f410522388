//! The recordings of the runs that a check makes, if somebody wants to see them.
//!
//! Some of the functions by which a check runs scripts and storms have no context. So runs are kept for the thread
//! that the check runs in.

use std::cell::RefCell;

use simulator::Recording;

/// At most this many runs are kept: those that came first explain what followed.
const MOST: usize = 8;

thread_local! {
    static KEPT: RefCell<Option<Vec<Recording>>> = const { RefCell::new(None) };
}

/// Whether runs are recorded and kept.
pub(crate) fn is_on() -> bool {
    KEPT.with_borrow(Option::is_some)
}

/// Keeps a run, if runs are kept.
pub(crate) fn keep(recording: Recording) {
    KEPT.with_borrow_mut(|kept| {
        if let Some(kept) = kept.as_mut().filter(|kept| kept.len() < MOST) {
            kept.push(recording);
        }
    });
}

/// Whether no run has been kept so far.
pub(crate) fn is_empty() -> bool {
    KEPT.with_borrow(|kept| kept.as_ref().is_none_or(Vec::is_empty))
}

/// Does `work`, and returns the runs that it has made.
pub fn keeping<T>(work: impl FnOnce() -> T) -> (T, Vec<Recording>) {
    KEPT.set(Some(Vec::new()));
    let done = work();
    (done, KEPT.take().unwrap_or_default())
}
