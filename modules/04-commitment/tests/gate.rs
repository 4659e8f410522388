//! The gate of module 4: the checks of `tests/04-commitment`, for this package.

use ::commitment as subject;
#[path = "../../../tests/04-commitment/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
