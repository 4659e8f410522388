//! A server made of module 7.

cluster::server_of_module!(membership, "7");
