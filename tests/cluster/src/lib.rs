//! Servers as processes.
//!
//! A server of the lab says what it wants done, and somebody does it: the simulator, or this crate. It surrounds
//! any [`protocol::Node`] with sockets, a disk and clients that speak Redis' protocol.
//!
//! | module | about |
//! |---|---|
//! | [`core`] | the driver of a server, without input and output: judged in the simulator |
//! | [`group_disk`] | group commit |
//! | [`wire`] | what servers send each other |
//! | [`machine`] | the state machine: a store of bytes |
//! | [`resp`] | Redis' protocol |
//! | [`folder`] | a server's folder: disk, lock, identity |
//! | [`net`] | sockets and threads |
//! | [`server`] | the process |
//! | `maelstrom` | the same core as a node of Maelstrom |
//! | [`client`] | the lab's own client: it follows the leader, and can have a session |
//! | [`tool`] | the commands of `cargo xtask cluster` |

pub mod client;
pub mod core;
pub mod folder;
pub mod group_disk;
mod kind;
pub mod machine;
mod maelstrom;
pub mod net;
pub mod resp;
pub mod server;
pub mod tool;
pub mod wire;
