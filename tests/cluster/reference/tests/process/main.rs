//! Servers of the reference as processes: real sockets, real disks, real signals, and clients that nobody here wrote.

mod broken;
mod clients;
mod experiments;
mod folders;
#[cfg(target_os = "linux")]
mod full;
mod kills;
mod load;
mod servers;
mod session;
#[cfg(unix)]
mod stopped;
