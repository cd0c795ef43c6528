//! The grammar of the editors against the compiler's.
//!
//! `EDITORS_UPDATE=1` writes what is generated here; `cargo xtask editors generate` does so, and then has the parser
//! generated.

mod agree;
mod corpus;
mod editors;
mod generated;
mod queries;
