//! The checks of the second half of module 6: changes of members (§6).

mod change;
mod configuration;
mod disruption;
mod joining;
mod pre_vote;
mod servers;
mod transfer;

/// The checks, for the subject in this folder.
pub(super) fn checks(_manifest_dir: &'static str) -> Vec<gates::Check> {
    let files = [
        configuration::checks(),
        change::checks(),
        joining::checks(),
        disruption::checks(),
        pre_vote::checks(),
        transfer::checks(),
    ];
    files.into_iter().flatten().collect()
}
