//! The driver of servers, judged: in the simulator, with right servers, and step by step with a server that does
//! what a test says. Each test of a protection also shows what happens without it.

mod fake;
mod simulated;
mod storms;
mod traps;
mod traps_clients;
