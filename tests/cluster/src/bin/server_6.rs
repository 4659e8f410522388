//! A server made of module 6.

cluster::server_of_module!(snapshots, "6");
