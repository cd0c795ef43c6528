//! The incremental frontend of the `.cpg` language.
//!
//! ```text
//! SourceFile ──split──► Item (kind + name) ──parse──► tree ──check_item──► Checked ──► Model ──► ProgramManifest
//!     │                  │                              │         │  ▲
//!     └─ modules         └─ declared, imports, resolve ◄┘         └──┘ signature: all that other items see
//! ```
//!
//! A query keyed by an [`Item`] knows ranges relative to the item only; [`check()`] makes them absolute at the
//! end. So an edit re-runs the queries of the items it touches, and of their readers when what these see of
//! them changes.
//!
//! Architecture invariants: no I/O, no clock, no Arrow, no DataFusion; functions and extractors are data. What
//! is wrong with a program is a value, never a panic, and an error in one item is told once: whatever depends
//! on it takes it as right.

mod built;
#[allow(missing_docs, reason = "salsa generates constructors and setters without documentation")]
mod catalogs;
mod check;
mod checker;
mod compile;
mod db;
mod expr;
mod facts;
#[allow(missing_docs, reason = "salsa generates constructors and setters without documentation")]
mod files;
mod graph;
mod item;
mod members;
#[allow(missing_docs, reason = "salsa generates constructors and setters without documentation")]
mod names;
mod planned;
mod policies;
mod problem;
mod references;
mod row;
pub mod semantics;
mod signature;
#[allow(missing_docs, reason = "salsa generates constructors and setters without documentation")]
mod sources;
mod sql;
mod template;
mod tests;
mod ty;

pub use catalogs::{Catalogs, builtin_functions};
pub use check::check;
pub use compile::{CompileOutcome, compile, compile_alone, model};
pub use db::{Db, EventCallback, RootDatabase};
pub use files::{Item, Parsed, Program, Source, SourceFile, items, module_path, parse};
pub use item::{all_inferred_columns, inferred_columns};
pub use planned::{About, Finding, placed};
pub use salsa::Cancelled;
pub use sources::{FileSchemas, FoundSchemas, file_sources};
pub use sql::Planner;
pub use tests::{ProgramTests, TestCase, tests};
