//! The program behind `cargo xtask torture`.

fn main() -> std::process::ExitCode {
    torture::main(std::env::args().skip(1))
}
