//! A server made of module 4.

cluster::server_of_module!(commitment, "4");
