//! Plans of whole programs, run on rows in memory.

mod catalog;
mod program;
mod relate;
mod support;
