//! A story in which something happens again and again, with the repetitions left out.

/// The longest repeated part that is looked for: a heartbeat of seven servers, its replies and its losses.
const LONGEST: usize = 24;

/// Two in a row may be exactly what the story is about.
const TIMES: usize = 3;

/// A line of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The line.
    pub(crate) line: String,
    /// The number of events that it represents.
    pub(crate) events: usize,
    /// The number of those that are heartbeats, or replies to heartbeats, and change nothing.
    pub(crate) idle: usize,
    /// The number of those that are lost.
    pub(crate) lost: usize,
    /// Whether any of the events has changed a server, or answered a client.
    pub(crate) changes: bool,
}

/// The story, in which a part that is repeated at least three times in a row appears once.
pub(crate) fn fold(story: &[Told]) -> Vec<Told> {
    let mut folded = Vec::new();
    let mut rest = story;
    while let Some(first) = rest.first() {
        let Some((length, times)) = repetition(rest) else {
            folded.push(first.clone());
            rest = &rest[1..];
            continue;
        };
        folded.extend_from_slice(&rest[..length]);
        let repeated = &rest[length..length * times];
        let sum = |of: fn(&Told) -> usize| repeated.iter().map(of).sum::<usize>();
        let again = times - 1;
        let what = if length == 1 { "line" } else { &format!("{length} lines") };
        let line = format!("… and the last {what} {again} more times");
        folded.push(Told {
            line,
            events: sum(|told| told.events),
            idle: sum(|told| told.idle),
            lost: sum(|told| told.lost),
            changes: repeated.iter().any(|told| told.changes),
        });
        rest = &rest[length * times..];
    }
    folded
}

/// The length of the shortest part that the story begins with again and again, and how many times it does.
fn repetition(story: &[Told]) -> Option<(usize, usize)> {
    (1..=LONGEST.min(story.len() / TIMES)).find_map(|length| {
        let part = &story[..length];
        let times =
            story.chunks_exact(length).take_while(|chunk| is_told_alike(chunk, part)).count();
        (times >= TIMES).then_some((length, times))
    })
}

/// Whether two parts read the same. They may still be different events.
fn is_told_alike(one: &[Told], other: &[Told]) -> bool {
    one.iter().map(|told| &told.line).eq(other.iter().map(|told| &told.line))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(story: &str) -> String {
        let line = |word: &str| Told {
            line: word.to_owned(),
            events: 1,
            idle: 0,
            lost: 0,
            changes: false,
        };
        let story: Vec<Told> = story.split(' ').map(line).collect();
        let folded = fold(&story);
        assert_eq!(folded.iter().map(|line| line.events).sum::<usize>(), story.len());
        folded.into_iter().map(|line| line.line).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_happens_again_and_again_is_told_once() {
        assert_eq!(
            folded("elected beat reply beat reply beat reply beat reply crash"),
            "elected beat reply … and the last 2 lines 3 more times crash"
        );
        assert_eq!(folded("a a a b"), "a … and the last line 2 more times b");
    }

    #[test]
    fn a_story_that_goes_on_is_left_alone() {
        for story in ["a b c d", "a a b b", "a b a b c"] {
            assert_eq!(folded(story), story);
        }
    }
}
