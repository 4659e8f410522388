//! A wrong server as a process: `zoo-server-4 ID`, and then the words that every server takes.
//!
//! `zoo-server-7 driver:flush_first …` is a right server with a driver that lacks this protection.

use std::process::ExitCode;
use std::sync::OnceLock;

use cluster::core::Protections;
use cluster::server::Kind;
use data_model::{RaftNode, Rules};

/// The table of the server that this process is.
static TABLE: OnceLock<&'static Rules> = OnceLock::new();

/// The names of patches, with the numbers that switch them on and the servers' tables.
pub(crate) type Servers = [(&'static str, usize, &'static Rules)];

/// Runs the server that the command line names. `right` is the module's solution.
pub(crate) fn main(module: &str, servers: &'static Servers, right: &'static Rules) -> ExitCode {
    let mut words = std::env::args().skip(1);
    let id = words.next().unwrap_or_default();
    let name: &'static str = Box::leak(format!("zoo-{module}:{id}").into_boxed_str());
    let found = match id.strip_prefix("driver:") {
        Some(protection) => without(protection).map(|protections| (0, right, protections)),
        None => servers
            .iter()
            .find(|server| server.0 == id)
            .map(|&(_, number, table)| (number, table, Protections::ALL)),
    };
    let Some((number, table, protections)) = found else {
        eprintln!(
            "`{id}` is no wrong server of module {module}, and no driver that lacks flush_first, boot_numbers or \
             connection_order"
        );
        return ExitCode::from(2);
    };
    bugs::switch_on_everywhere(number);
    TABLE.get_or_init(|| table);
    let make = |setup| {
        let table: &'static Rules = TABLE.get().expect("it was put there above");
        Box::new(RaftNode::new(setup, table)) as Box<dyn protocol::Node>
    };
    cluster::server::main_with(Kind { name, durable: module != "4", make }, protections, words)
}

/// All protections of the driver but this one.
fn without(name: &str) -> Option<Protections> {
    let all = Protections::ALL;
    Some(match name {
        "flush_first" => Protections { flush_first: false, ..all },
        "boot_numbers" => Protections { boot_numbers: false, ..all },
        "connection_order" => Protections { connection_order: false, ..all },
        _ => return None,
    })
}
