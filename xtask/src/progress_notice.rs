//! Says what the runner is doing, if that takes long.
//!
//! On a terminal it is one line, rewritten in place and removed at the end. Elsewhere each activity is announced
//! by a line of its own, once, without how far it is.

use std::collections::BTreeSet;
use std::io;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::term;

/// After this long without output, a user wonders.
const DELAY: Duration = Duration::from_secs(2);

/// Something that may take long. It is over when this is dropped; then nothing of it is left on a terminal.
pub struct ProgressNotice {
    changes: Option<Sender<Change>>,
    thread: Option<JoinHandle<()>>,
}

enum Change {
    Activity(String),
    Both(String, String),
    Detail(String),
}

impl ProgressNotice {
    /// Begins. `doing` is printed if it is not over soon.
    pub fn start(doing: impl Into<String>) -> Self {
        let (changes, receiver) = mpsc::channel();
        let notice = Notice::new(doing.into(), term::is_rewritable());
        let thread = thread::spawn(move || watch(notice, &receiver));
        ProgressNotice { changes: Some(changes), thread: Some(thread) }
    }

    /// What the runner is doing now. How far it is with that is not known yet.
    pub fn change(&self, doing: impl Into<String>) {
        self.send(Change::Activity(doing.into()));
    }

    /// How far it is: `done` of `total` checks.
    pub fn count(&self, done: usize, total: usize) {
        self.detail(format!("{done} of {total} checks"));
    }

    /// How far it is, in words.
    pub fn detail(&self, detail: impl Into<String>) {
        self.send(Change::Detail(detail.into()));
    }

    /// What the runner is doing now, and how far it is with that.
    pub fn show(&self, doing: impl Into<String>, detail: impl Into<String>) {
        self.send(Change::Both(doing.into(), detail.into()));
    }

    fn send(&self, change: Change) {
        // The other side ends only after this one.
        let _ = self.changes.as_ref().map(|changes| changes.send(change));
    }
}

impl Drop for ProgressNotice {
    /// Waits until the line is gone: what is printed next must not be mixed with it.
    fn drop(&mut self) {
        drop(self.changes.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn watch(mut notice: Notice, changes: &mpsc::Receiver<Change>) {
    let start = Instant::now();
    loop {
        let received = match notice.pause(start.elapsed()) {
            Some(pause) => changes.recv_timeout(pause),
            None => changes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(change) => notice.take(change),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        // Of many changes at once, only the last is worth a line.
        while let Ok(change) = changes.try_recv() {
            notice.take(change);
        }
        match notice.due(start.elapsed()) {
            Some(line) if notice.is_rewritable => rewrite(&clipped(&line, columns())),
            Some(line) if is_new(&line) => say_aside!("{line}"),
            _ => {}
        }
    }
    if notice.is_rewritable && notice.printed.is_some() {
        rewrite("");
    }
}

/// Whether a line was not printed before by this program.
fn is_new(line: &str) -> bool {
    static ANNOUNCED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    ANNOUNCED.lock().unwrap_or_else(PoisonError::into_inner).insert(line.to_owned())
}

/// Puts a text in place of the line that the cursor is in.
fn rewrite(line: &str) {
    term::part(&mut io::stderr().lock(), format_args!("\r\x1b[2K{line}"));
}

/// How many columns the line may take. In the last column, some terminals begin a new line.
fn columns() -> usize {
    let size = terminal_size::terminal_size_of(io::stderr());
    size.map_or(79, |(terminal_size::Width(width), _)| usize::from(width).saturating_sub(1))
}

/// The line, shortened to this many columns.
fn clipped(line: &str, columns: usize) -> String {
    if line.chars().count() <= columns {
        return line.to_owned();
    }
    let kept: String = line.chars().take(columns.saturating_sub(1)).collect();
    if columns == 0 { kept } else { kept + "…" }
}

/// What is going on, and what was printed about it.
struct Notice {
    doing: String,
    detail: String,
    /// Whether the line can be rewritten, to show details.
    is_rewritable: bool,
    printed: Option<String>,
}

impl Notice {
    fn new(doing: String, is_rewritable: bool) -> Self {
        Notice { doing, detail: String::new(), is_rewritable, printed: None }
    }

    fn take(&mut self, change: Change) {
        match change {
            Change::Activity(doing) if doing == self.doing => {}
            Change::Activity(doing) => {
                self.doing = doing;
                self.detail.clear();
            }
            Change::Both(doing, detail) => (self.doing, self.detail) = (doing, detail),
            Change::Detail(detail) => self.detail = detail,
        }
    }

    fn line(&self) -> String {
        if self.is_rewritable && !self.detail.is_empty() {
            format!("{} {}", self.doing, self.detail)
        } else {
            self.doing.clone()
        }
    }

    /// The line to print after this long.
    fn due(&mut self, elapsed: Duration) -> Option<String> {
        let line = self.line();
        if elapsed < DELAY || self.printed.as_ref() == Some(&line) {
            return None;
        }
        self.printed = Some(line);
        self.printed.clone()
    }

    /// How long nothing is due if nothing changes; `None` means for as long as nothing changes.
    fn pause(&self, elapsed: Duration) -> Option<Duration> {
        (self.printed != Some(self.line())).then(|| DELAY.saturating_sub(elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(doing: &str) -> Change {
        Change::Activity(doing.to_owned())
    }

    fn detail(detail: &str) -> Change {
        Change::Detail(detail.to_owned())
    }

    #[test]
    fn what_takes_long_is_announced_once_and_so_is_every_change() {
        let second = Duration::from_secs;
        let mut notice = Notice::new("building".to_owned(), false);
        assert_eq!(notice.due(second(1)), None);
        assert_eq!(notice.pause(second(1)), Some(second(1)));
        assert_eq!(notice.due(second(2)).as_deref(), Some("building"));
        assert_eq!((notice.due(second(3)), notice.pause(second(3))), (None, None));
        notice.take(activity("judging"));
        assert_eq!(notice.due(second(4)).as_deref(), Some("judging"));
        assert!(is_new("judging in a test") && !is_new("judging in a test"));
    }

    #[test]
    fn what_changes_before_the_notice_is_not_announced() {
        let mut notice = Notice::new("building".to_owned(), false);
        notice.take(activity("judging"));
        assert_eq!(notice.due(DELAY).as_deref(), Some("judging"));
    }

    #[test]
    fn details_are_shown_only_where_the_line_can_be_rewritten() {
        for (is_rewritable, lines) in [
            (false, [Some("judging"), None, None, Some("building")]),
            (
                true,
                [
                    Some("judging"),
                    Some("judging 1 of 2 checks"),
                    Some("judging 2 of 2 checks"),
                    Some("building"),
                ],
            ),
        ] {
            let mut notice = Notice::new("judging".to_owned(), is_rewritable);
            let changes = [
                activity("judging"),
                detail("1 of 2 checks"),
                detail("2 of 2 checks"),
                activity("building"),
            ];
            for (change, line) in changes.into_iter().zip(lines) {
                notice.take(change);
                assert_eq!(notice.due(DELAY).as_deref(), line);
                assert_eq!(notice.pause(DELAY), None);
            }
        }
    }

    #[test]
    fn an_activity_and_its_detail_change_in_one_step() {
        let mut notice = Notice::new("building".to_owned(), true);
        notice.take(Change::Both("judging".to_owned(), "2.3".to_owned()));
        assert_eq!(notice.due(DELAY).as_deref(), Some("judging 2.3"));
    }

    #[test]
    fn a_line_fits_its_terminal() {
        assert_eq!(clipped("Building …", 10), "Building …");
        assert_eq!(clipped("Building … 02", 10), "Building …");
        assert_eq!(clipped("Judging 2.3", 8), "Judging…");
        assert_eq!((clipped("abc", 1).as_str(), clipped("abc", 0).as_str()), ("…", ""));
    }
}
