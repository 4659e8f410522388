//! Numbers of a recording as places in lists, and numbers of things as units of a drawing.

/// A number of a recording as a place in a list.
pub(super) fn place(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// A number of things as units of a drawing.
pub(super) fn units(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 1000)
}
