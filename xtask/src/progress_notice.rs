//! Says what the runner is doing, if that takes long.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// After this long without output, a user wonders.
const DELAY: Duration = Duration::from_secs(2);

/// Something that may take long. It is over when this is dropped.
pub(crate) struct ProgressNotice {
    changes: mpsc::Sender<&'static str>,
}

impl ProgressNotice {
    /// Begins. `doing` is printed if it is not over soon.
    pub(crate) fn start(doing: &'static str) -> Self {
        let (changes, receiver) = mpsc::channel();
        thread::spawn(move || watch(doing, &receiver));
        ProgressNotice { changes }
    }

    /// What the runner is doing now.
    pub(crate) fn change(&self, doing: &'static str) {
        // The other side ends only after this one.
        let _ = self.changes.send(doing);
    }
}

fn watch(doing: &'static str, changes: &mpsc::Receiver<&'static str>) {
    let start = Instant::now();
    let mut notice = Notice { doing, printed: None };
    loop {
        let received = match notice.pause(start.elapsed()) {
            Some(pause) => changes.recv_timeout(pause),
            None => changes.recv().map_err(|_| RecvTimeoutError::Disconnected),
        };
        match received {
            Ok(doing) => notice.doing = doing,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Some(text) = notice.due(start.elapsed()) {
            say_aside!("{text}");
        }
    }
}

/// What is going on, and what was printed about it.
struct Notice {
    doing: &'static str,
    printed: Option<&'static str>,
}

impl Notice {
    /// The text to print after this long.
    fn due(&mut self, elapsed: Duration) -> Option<&'static str> {
        if elapsed < DELAY || self.printed == Some(self.doing) {
            return None;
        }
        self.printed = Some(self.doing);
        self.printed
    }

    /// How long nothing is due if nothing changes; `None` means for as long as nothing changes.
    fn pause(&self, elapsed: Duration) -> Option<Duration> {
        (self.printed != Some(self.doing)).then(|| DELAY.saturating_sub(elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_announced_once_and_so_is_every_change() {
        let second = Duration::from_secs;
        let mut notice = Notice { doing: "building", printed: None };
        assert_eq!(notice.due(second(1)), None);
        assert_eq!(notice.pause(second(1)), Some(second(1)));
        assert_eq!(notice.due(second(2)), Some("building"));
        assert_eq!((notice.due(second(3)), notice.pause(second(3))), (None, None));
        notice.doing = "judging";
        assert_eq!(notice.due(second(4)), Some("judging"));
    }

    #[test]
    fn what_changes_before_the_notice_is_not_announced() {
        let mut notice = Notice { doing: "building", printed: None };
        notice.doing = "judging";
        assert_eq!(notice.due(DELAY), Some("judging"));
    }
}
