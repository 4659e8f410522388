//! A server made of module 5.

cluster::server_of_module!(persistence, "5");
