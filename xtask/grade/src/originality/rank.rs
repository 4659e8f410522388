//! Ranks the pairs of students by the passages that they have in common.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::extract::Unit;
use super::winnow::{Fingerprints, of_rust, of_words};

/// A passage that more than one student in this many has is what the exercise suggests, and not what one student has taken
/// from another.
const COMMON: usize = 5;

/// Two students, and what they have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) one: String,
    pub(super) other: String,
    /// Fingerprints in common in all exercises together.
    pub(super) common: usize,
    /// The exercise with most of them.
    pub(super) most: Most,
}

/// How much of an exercise two students have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Most {
    pub(super) unit: Unit,
    /// Fingerprints in common.
    pub(super) common: usize,
    /// Fingerprints of the one who has fewer.
    pub(super) of: usize,
}

/// The pairs with anything in common, those with most first. `given` is code that all were given.
pub(super) fn ranking(
    written: &BTreeMap<Unit, BTreeMap<String, String>>,
    given: &str,
) -> Vec<Pair> {
    let mut given_prints = of_rust(given);
    given_prints.extend(of_words(given));
    let mut pairs: BTreeMap<(&str, &str), Pair> = BTreeMap::new();
    for (unit, students) in written {
        let prints = rare(unit, students, &given_prints);
        for (place, (one, of_one)) in prints.iter().enumerate() {
            for (other, of_other) in &prints[place + 1..] {
                let common = of_one.intersection(of_other).count();
                if common == 0 {
                    continue;
                }
                let most =
                    Most { unit: unit.clone(), common, of: of_one.len().min(of_other.len()) };
                let pair = pairs.entry((one, other)).or_insert_with(|| Pair {
                    one: (*one).to_owned(),
                    other: (*other).to_owned(),
                    common: 0,
                    most: most.clone(),
                });
                pair.common += common;
                if most.common > pair.most.common {
                    pair.most = most;
                }
            }
        }
    }
    let mut pairs: Vec<Pair> = pairs.into_values().collect();
    pairs.sort_by(|a, b| b.common.cmp(&a.common).then((&a.one, &a.other).cmp(&(&b.one, &b.other))));
    pairs
}

/// Each student's fingerprints of an exercise, without those that were given and those that many have.
fn rare<'a>(
    unit: &Unit,
    students: &'a BTreeMap<String, String>,
    given: &Fingerprints,
) -> Vec<(&'a str, Fingerprints)> {
    let name = unit.file_name();
    let is_rust = Path::new(&name).extension().is_some_and(|ending| ending == "rs");
    let of = |text: &str| if is_rust { of_rust(text) } else { of_words(text) };
    let mut all: Vec<(&str, Fingerprints)> =
        students.iter().map(|(student, text)| (&**student, of(text))).collect();
    let mut counts: BTreeMap<u128, usize> = BTreeMap::new();
    for print in all.iter().flat_map(|(_, prints)| prints) {
        *counts.entry(*print).or_default() += 1;
    }
    // Two are a pair, however small the class.
    let most = (students.len() / COMMON).max(2);
    let is_rare = |print: &u128| counts[print] <= most && !given.contains(print);
    let rare: BTreeSet<u128> = counts.keys().copied().filter(is_rare).collect();
    for (_, prints) in &mut all {
        prints.retain(|print| rare.contains(print));
    }
    all
}
