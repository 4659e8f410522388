//! A server of the reference: `reference-server KIND`, and then the words that every server takes.

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args().skip(1);
    let name = words.next().unwrap_or_default();
    if let Some(kind) = cluster_reference::kind(&name) {
        return cluster::server::main(kind, words);
    }
    let names = cluster_reference::KINDS.map(|kind| kind.name);
    eprintln!("there is no server `{name}`; there are {}", names.join(", "));
    ExitCode::from(2)
}
