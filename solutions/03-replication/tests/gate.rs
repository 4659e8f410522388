//! The gate of module 3: the checks of `tests/03-replication`, for this package.

use ::replication_solution as subject;
#[path = "../../../tests/03-replication/rules.rs"]
mod rules;

fn main() -> std::process::ExitCode {
    gates::main(rules::suite(env!("CARGO_MANIFEST_DIR")))
}
