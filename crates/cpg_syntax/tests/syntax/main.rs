//! Tests of the splitter and the parser through their public functions.

mod bad_input;
mod errors;
mod expressions;
mod items;
mod layout;
mod layout_properties;
mod limits;
mod next_words;
mod outline;
mod pages;
mod programs;
mod properties;
mod recovery;
mod render;
mod tests;
