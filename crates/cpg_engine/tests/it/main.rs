//! Builds of a small program over small sources, on a real disk.

mod artifacts;
mod cache;
mod crashes;
mod failing;
mod incremental;
mod program;
mod query;
mod segments;
mod server;
mod store;
mod store_faults;
mod support;
mod tables;
