//! Module 7: each wrong patch of its solution is caught by its gate, each right one is accepted.

#[allow(warnings, clippy::all, clippy::pedantic, reason = "a patched copy of a solution")]
mod patched {
    include!(concat!(env!("OUT_DIR"), "/membership.rs"));
}

fn main() -> std::process::ExitCode {
    bugs::main_of("07-membership", patched::SUBJECTS)
}
