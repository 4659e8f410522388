//! Module 0: each wrong patch of its solution is caught by its gate, each right one is accepted.

#[allow(warnings, clippy::all, clippy::pedantic, reason = "a patched copy of a solution")]
mod patched {
    include!(concat!(env!("OUT_DIR"), "/warm_up.rs"));
}

fn main() -> std::process::ExitCode {
    bugs::main_of("00-warm-up", patched::SUBJECTS)
}
