//! The page of a world that is played: that of a run, with what can be done next.

use serde_json::to_string;

use crate::page::{Parts, assemble, escaped, script, styles};
use crate::play::State;

/// The page sends its requests to this server, and nowhere else.
const POLICY: &str = "default-src 'none'; connect-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const SCRIPTS: [&str; 3] = [
    include_str!("../../page/live/choices.js"),
    include_str!("../../page/live/script.js"),
    include_str!("../../page/live/live.js"),
];

/// The page.
pub(super) fn page(state: &State) -> String {
    let json = to_string(state).expect("a state has only texts and numbers");
    let style = format!("<style>{}{}</style>", styles(), include_str!("../../page/live/live.css"));
    let script = format!("<script>{}</script>", script(&[], &SCRIPTS));
    assemble(
        std::slice::from_ref(&state.recording),
        &Parts {
            policy: POLICY,
            style: &style,
            script: &script,
            markup: include_str!("../../page/live/live.html"),
            state: &escaped(&json),
        },
    )
}
