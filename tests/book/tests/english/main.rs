//! How often each area of the lab uses a turn of phrase that a native editor would change.
//!
//! [`PATTERNS`](patterns::PATTERNS) lists the turns of phrase, with what to write instead. The rate of an area is the
//! number of matches per thousand words. Words in code, in quotations and in names are not counted. An area that
//! has been edited has the limit [`EDITED`]; every other area has the rate that was measured when the test was
//! written, rounded up, so that its rate can only fall. After an edit, lower the limit in [`areas::AREAS`].
//!
//! To see every match: `cargo test -p book --test english -- --nocapture`.

use std::collections::BTreeSet;

mod areas;
mod exceptions;
mod markdown;
mod patterns;
mod rust;
mod texts;

use areas::AREAS;
use exceptions::EXCEPTIONS;
use patterns::Finder;
use texts::Text;

/// Matches per thousand words that an edited area may have.
const EDITED: f64 = 0.5;

/// What was found in one area.
#[derive(Default)]
struct Count {
    words: usize,
    matches: Vec<String>,
}

impl Count {
    fn per_thousand(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "areas have fewer than 2^52 words")]
        let (matches, words) = (self.matches.len() as f64, self.words.max(1) as f64);
        matches * 1000.0 / words
    }
}

fn count(texts: &[Text], finder: &Finder, used: &mut BTreeSet<usize>) -> Count {
    let mut count = Count::default();
    for text in texts {
        count.words += text.words();
        for found in finder.find(&text.prose) {
            let excused = EXCEPTIONS.iter().position(|(file, sentence, _)| {
                text.place.starts_with(file) && found.context.contains(sentence)
            });
            if let Some(exception) = excused {
                used.insert(exception);
                continue;
            }
            let Text { place, .. } = text;
            count.matches.push(format!("{place}: {} ({})", found.context, found.instead));
        }
    }
    count
}

#[test]
fn no_area_has_more_unidiomatic_phrases_than_its_limit() {
    let finder = Finder::new();
    let (mut used, mut wrong) = (BTreeSet::new(), Vec::new());
    for area in AREAS {
        let texts = texts::of(area);
        let count = count(&texts, &finder, &mut used);
        assert!(count.words > 100, "{}: only {} words were found", area.name, count.words);
        let (rate, limit) = (count.per_thousand(), area.limit.unwrap_or(EDITED));
        let matches = count.matches.join("\n  ");
        let head = format!("{}: {rate:.1} of {limit} in {} words", area.name, count.words);
        println!("{head}\n  {matches}");
        if rate > limit {
            wrong.push(format!("{head}\n  {matches}"));
        }
    }
    assert!(wrong.is_empty(), "per thousand words:\n{}", wrong.join("\n"));
    for (number, (file, sentence, _)) in EXCEPTIONS.iter().enumerate() {
        assert!(used.contains(&number), "{file}: nothing is excused by \"{sentence}\" any more");
    }
}

#[test]
fn each_pattern_matches_its_example_and_no_good_sentence() {
    let finder = Finder::new();
    for pattern in patterns::PATTERNS {
        let found = finder.find(pattern.example);
        assert!(
            found.iter().any(|one| one.instead == pattern.instead),
            "`{}` is not found in \"{}\"",
            pattern.find,
            pattern.example
        );
    }
    for sentence in patterns::GOOD {
        let found = finder.find(sentence);
        let instead: Vec<&str> = found.iter().map(|one| one.instead).collect();
        assert!(found.is_empty(), "\"{sentence}\" is flagged: {instead:?}");
    }
}
