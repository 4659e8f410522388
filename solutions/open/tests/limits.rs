//! The limits in bytes.

use open_solution::Log;
use protocol::{Entry, Index, Term};

/// A log whose commands have these sizes in bytes.
fn log(sizes: &[usize]) -> Log {
    let entry = |&size: &usize| Entry::command(Term(1), "x".repeat(size).as_str());
    Log::after(Index(0), Term(0), sizes.iter().map(entry))
}

#[test]
fn an_rpc_is_limited_in_number_and_in_bytes() {
    let sent = |sizes: &[usize], most, bytes| log(sizes).batch(Index(1), most, bytes).len();
    assert_eq!(sent(&[10, 10, 10], 64, 1_000), 3);
    assert_eq!(sent(&[10, 10, 10], 2, 1_000), 2);
    assert_eq!(sent(&[10, 10, 10], 64, 29), 2);
    assert_eq!(sent(&[1_000, 10], 64, 20), 1, "the first may be larger than the limit");
    assert_eq!(sent(&[], 64, 20), 0);
}

#[test]
fn a_tail_is_limited_in_number_and_in_bytes() {
    let base = |sizes: &[usize], most, bytes| log(sizes).tail(Index(3), most, bytes).0;
    assert_eq!(base(&[10, 10, 10], 64, 1_000), 0);
    assert_eq!(base(&[10, 10, 10], 2, 1_000), 1);
    assert_eq!(base(&[10, 10, 10], 0, 1_000), 3);
    assert_eq!(base(&[10, 10, 10], 64, 29), 1);
    assert_eq!(base(&[10, 10, 1_000], 64, 20), 3);
}
