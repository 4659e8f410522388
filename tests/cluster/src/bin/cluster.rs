//! The program behind `cargo xtask cluster`.

fn main() -> std::process::ExitCode {
    cluster::tool::main(std::env::args().skip(1))
}
