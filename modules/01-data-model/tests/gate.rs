//! The gate of module 1: the checks of `tests/01-data-model`, for this package.

use ::data_model as subject;
#[path = "../../../tests/01-data-model/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
