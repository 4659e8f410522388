//! The gate of module 6: the checks of `tests/06-snapshots`, for this package.

use ::snapshots as subject;
#[path = "../../../tests/06-snapshots/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
