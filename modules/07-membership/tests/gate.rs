//! The gate of module 7: the checks of `tests/07-membership`, for this package.

use ::membership as subject;
#[path = "../../../tests/07-membership/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
