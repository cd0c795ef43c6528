//! The semantic intermediate representation of a `.cpg` program and the manifest compiled from it.
//!
//! ```text
//! cpg_hir: items ──► specs ──infer──► SemanticIr::emit (prune, join groups, hashes) ──► ProgramManifest
//!                                                                                          │
//!                                            cpg_plan, cpg_evidence and cpg_engine read nothing else
//! ```
//!
//! Architecture invariants: nothing here knows source text, spans, salsa, Arrow or DataFusion. Every type
//! serialises to one canonical JSON form ([`canon`]), and every hash is taken over that form.

pub mod canon;
pub mod catalog;
pub mod check;
pub mod compare;
pub mod expr;
pub mod file;
pub mod ir;
pub mod json_schema;
pub mod manifest;
pub mod policy;
pub mod select;
pub mod spec;
pub mod sql;
pub mod stable_id;
pub mod test;
pub mod types;
pub mod window;
