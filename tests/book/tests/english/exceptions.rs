//! Sentences that a pattern matches and that are good as they are.

/// The beginning of the place, a part of the sentence, and why it stays.
pub(crate) const EXCEPTIONS: &[(&str, &str, &str)] = &[(
    "",
    "Ignoring candidates while a leader is heard",
    "the title of exercise 7.5, which other files name",
)];
