//! The gate of module 0: the checks of `tests/00-warm-up`, for this package.

use ::warm_up as subject;
#[path = "../../../tests/00-warm-up/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
