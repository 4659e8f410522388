//! Which patch is switched on. Each thread has its own: the tests of several patches run side by side.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};

thread_local! {
    static HERE: Cell<usize> = Cell::new(EVERYWHERE.load(Ordering::Relaxed));
}

/// What a new thread begins with.
static EVERYWHERE: AtomicUsize = AtomicUsize::new(0);

/// The number of the patch that is switched on in this thread; 0 if none is. Patched functions ask.
#[inline]
pub fn switched_on() -> usize {
    HERE.get()
}

/// Switches on a patch in this thread.
pub(crate) fn switch_on(number: usize) {
    HERE.set(number);
}

/// Switches on a patch in this thread and in all that are begun later.
pub fn switch_on_everywhere(number: usize) {
    EVERYWHERE.store(number, Ordering::Relaxed);
    HERE.set(number);
}
