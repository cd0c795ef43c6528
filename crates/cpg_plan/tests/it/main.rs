//! Plans of whole programs, run on rows in memory.

mod catalog;
