//! Plans of whole programs, run on rows in memory.

mod aggregates;
mod catalog;
mod functions;
mod program;
mod recursion;
mod relate;
mod sql;
mod support;
mod window;
