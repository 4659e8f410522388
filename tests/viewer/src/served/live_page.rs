//! The page of a world that is played: that of a run, with what can be done next.

use serde_json::to_string;

use crate::page::{Parts, assemble, escaped};
use crate::play::State;

/// Where the page may send requests: to this server, and nowhere else.
const POLICY: &str = "connect-src 'self'; ";

/// The page.
pub(super) fn page(state: &State) -> String {
    let json = to_string(state).expect("a state has only texts and numbers");
    assemble(
        std::slice::from_ref(&state.recording),
        &Parts {
            policy: POLICY,
            markup: include_str!("../../page/live/live.html"),
            styles: &[include_str!("../../page/live/live.css")],
            scripts: &[
                include_str!("../../page/live/choices.js"),
                include_str!("../../page/live/script.js"),
                include_str!("../../page/live/live.js"),
            ],
            state: &escaped(&json),
        },
    )
}
