//! The server over its protocol.

mod bad_input;
mod completion;
mod editing;
mod lifecycle;
mod navigation;
mod replay;
mod support;
mod templates;
mod views;
