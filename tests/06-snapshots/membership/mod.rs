//! The checks of the second half of module 6: changes of members (§6).

mod change;
mod configuration;
mod disruption;
mod joining;
mod last;
mod own;
mod pre_vote;
mod sabotage;
mod servers;
mod storms;
mod story;
mod transfer;

pub(super) use storms::check as storms;

/// The checks, for the subject in this folder.
pub(super) fn checks(manifest_dir: &str) -> Vec<gates::Check> {
    let files = [
        configuration::checks(),
        change::checks(),
        joining::checks(),
        disruption::checks(),
        storms::checks(),
        own::checks(manifest_dir),
        last::checks(manifest_dir),
        pre_vote::checks(),
        transfer::checks(),
    ];
    files.into_iter().flatten().collect()
}
