//! Sockets and threads around a core. No thread but the owner's touches the server.
//!
//! | file | about |
//! |---|---|
//! | `accept.rs` | new connections |
//! | `inbox.rs` | what has arrived and was not handled yet: bounded, and those who fill it wait |
//! | `links.rs` | the faults of this server's links in an experiment |
//! | `peers.rs` | messages of and to other servers |
//! | `outgoing.rs` | what waits to leave for a peer: bounded, and what does not fit is lost |
//! | `clients.rs` | connections of clients |
//! | `answers.rs` | what waits to leave for a client: bounded, and a client that does not read is cut off |
//! | `words.rs` | the words of a client as a question, and answers as bytes |

mod accept;
mod answers;
mod clients;
mod inbox;
mod links;
mod outgoing;
mod peers;
mod words;

pub use clients::Clients;
pub use inbox::Inbox;
pub use links::Links;
pub use peers::{Addresses, Peers};
