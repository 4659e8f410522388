//! The gate of module 5: the checks of `tests/05-persistence`, for this package.

use ::persistence as subject;
#[path = "../../../tests/05-persistence/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
