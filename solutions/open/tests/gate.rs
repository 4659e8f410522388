//! The gate of the open path: the checks of `tests/open`, for this package.

use ::open_solution as subject;
#[path = "../../../tests/open/suite.rs"]
mod suite;

fn main() -> std::process::ExitCode {
    gates::main(suite::suite(env!("CARGO_MANIFEST_DIR")))
}
