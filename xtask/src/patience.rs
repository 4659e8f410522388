//! Tells who waits for a long build what is going on.

use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// Whoever has heard nothing for so long wonders.
const SHORT: Duration = Duration::from_secs(3);

/// A learner's module is built in less, unless somebody else has the lock on what is built.
const LONG: Duration = Duration::from_secs(20);

/// So long takes the lab itself, on a slow machine.
const VERY_LONG: Duration = Duration::from_secs(90);

const FIRST_TIME: &str = "Building the lab; the first time, this takes about a minute …";
const LOCKED: &str =
    "Still building. If an editor checks this project at the same time, cargo waits for it.";

/// Is about as long as a build takes.
pub(crate) struct Patience {
    /// Hears of what is built of the lab.
    news: mpsc::Sender<()>,
}

impl Patience {
    pub(crate) fn start() -> Self {
        let (news, heard) = mpsc::channel();
        thread::spawn(move || wait(&heard));
        Patience { news }
    }

    /// It is the lab itself that is built, and not only what the learner has changed.
    pub(crate) fn builds_the_lab(&self) {
        // If the other side has said all that it has to say, this is no news.
        let _ = self.news.send(());
    }
}

fn wait(heard: &mpsc::Receiver<()>) {
    let start = Instant::now();
    let mut waiting = Waiting::default();
    while let Some(pause) = waiting.pause(start.elapsed()) {
        match heard.recv_timeout(pause) {
            Ok(()) => waiting.builds_the_lab = true,
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if let Some(words) = waiting.words(start.elapsed()) {
            say_aside!("{words}");
        }
    }
}

/// What is known of a build, and what was said about it.
#[derive(Default)]
struct Waiting {
    builds_the_lab: bool,
    said_first: bool,
    said_last: bool,
}

impl Waiting {
    /// What is to be said after so long, once.
    fn words(&mut self, elapsed: Duration) -> Option<&'static str> {
        if self.said_last {
            return None;
        }
        if elapsed >= self.last_word_after() {
            self.said_last = true;
            return Some(LOCKED);
        }
        if elapsed >= SHORT && self.builds_the_lab && !self.said_first {
            self.said_first = true;
            return Some(FIRST_TIME);
        }
        None
    }

    fn last_word_after(&self) -> Duration {
        if self.builds_the_lab { VERY_LONG } else { LONG }
    }

    /// How long there is nothing to say, if there is nothing new; nothing, if all is said.
    fn pause(&self, elapsed: Duration) -> Option<Duration> {
        let first = if elapsed < SHORT { SHORT } else { self.last_word_after() };
        (!self.said_last).then(|| first.saturating_sub(elapsed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is said in a build of so many seconds, in the second in which it is said.
    fn said(seconds: u64, lab_from: Option<u64>) -> Vec<(u64, &'static str)> {
        let mut waiting = Waiting::default();
        let mut said = Vec::new();
        for second in 0..seconds {
            waiting.builds_the_lab |= lab_from == Some(second);
            let elapsed = Duration::from_secs(second);
            said.extend(waiting.words(elapsed).map(|words| (second, words)));
        }
        said
    }

    #[test]
    fn a_learners_own_module_is_built_in_silence() {
        assert_eq!(said(20, None), []);
        assert_eq!(said(200, None), [(20, LOCKED)]);
    }

    #[test]
    fn the_lab_is_built_with_a_word_about_how_long_it_takes() {
        assert_eq!(said(3, Some(0)), []);
        assert_eq!(said(60, Some(0)), [(3, FIRST_TIME)]);
        assert_eq!(said(60, Some(5)), [(5, FIRST_TIME)]);
        assert_eq!(said(200, Some(5)), [(5, FIRST_TIME), (90, LOCKED)]);
        assert_eq!(said(200, Some(30)), [(20, LOCKED)]);
    }

    #[test]
    fn there_is_a_pause_as_long_as_something_may_still_be_said() {
        let mut waiting = Waiting::default();
        let second = Duration::from_secs;
        assert_eq!(waiting.pause(second(1)), Some(second(2)));
        assert_eq!(waiting.pause(second(4)), Some(second(16)));
        waiting.builds_the_lab = true;
        assert_eq!(waiting.pause(second(4)), Some(second(86)));
        waiting.said_last = true;
        assert_eq!(waiting.pause(second(4)), None);
    }
}
