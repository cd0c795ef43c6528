//! Tests of the frontend as its users see it.

mod compile;
mod incremental;
mod pages;
mod render;
mod robust;
mod spec;
mod stdlib;
