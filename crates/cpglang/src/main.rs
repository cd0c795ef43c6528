//! cpglang
fn main() {}
