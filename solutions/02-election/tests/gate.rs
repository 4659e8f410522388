//! The gate of module 2: the checks of `tests/02-election`, for this package.

use ::election_solution as subject;
#[path = "../../../tests/02-election/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
