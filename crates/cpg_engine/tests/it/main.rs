//! Builds of a small program over small sources, on a real disk.

mod artifacts;
mod cache;
mod crashes;
mod failing;
mod incremental;
mod program;
mod query;
mod segments;
mod support;
mod tables;
