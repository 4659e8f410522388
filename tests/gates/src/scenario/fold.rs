//! A story in which something happens again and again, with the repetitions left out.

/// The longest part of a story that is looked for: a heartbeat of seven servers, its answers and its losses.
const LONGEST: usize = 24;

/// Two in a row may be what the story is about.
const TIMES: usize = 3;

/// A line of a folded story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    /// The line.
    pub(crate) line: String,
    /// The number of events that it represents.
    pub(crate) events: usize,
}

/// The story with each part that is repeated at least three times in a row told once.
pub(crate) fn fold(story: &[String]) -> Vec<Folded> {
    let mut folded = Vec::new();
    let mut rest = story;
    while let Some(first) = rest.first() {
        let Some((length, times)) = repetition(rest) else {
            folded.push(Folded { line: first.clone(), events: 1 });
            rest = &rest[1..];
            continue;
        };
        let part = rest[..length].iter();
        folded.extend(part.map(|line| Folded { line: line.clone(), events: 1 }));
        let again = times - 1;
        let what = if length == 1 { "line" } else { &format!("{length} lines") };
        let line = format!("… and the last {what} {again} more times");
        folded.push(Folded { line, events: length * again });
        rest = &rest[length * times..];
    }
    folded
}

/// The length of the shortest part that the story begins with again and again, and how many times it does.
fn repetition(story: &[String]) -> Option<(usize, usize)> {
    (1..=LONGEST.min(story.len() / TIMES)).find_map(|length| {
        let part = &story[..length];
        let times = story.chunks_exact(length).take_while(|chunk| *chunk == part).count();
        (times >= TIMES).then_some((length, times))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(story: &str) -> String {
        let story: Vec<String> = story.split(' ').map(str::to_owned).collect();
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
