//! New connections.

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// How long to wait when the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Hands every new connection to `accept`, on a thread of its own.
pub(super) fn accept_on(listener: TcpListener, accept: impl Fn(TcpStream) + Send + 'static) {
    thread::spawn(move || {
        for stream in listener.incoming() {
            match stream {
                Ok(stream) => accept(stream),
                Err(_) => thread::sleep(PAUSE),
            }
        }
    });
}
