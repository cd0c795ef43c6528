//! The server over its protocol.

mod asking;
mod bad_input;
mod completion;
mod editing;
mod evidence;
mod host;
mod lifecycle;
mod navigation;
mod planned;
mod replay;
mod support;
mod templates;
mod testing;
mod views;
