//! What editors ask of a program: what its names mean and who reads what.

pub use crate::check::{check_signatures, file_diagnostics, name_range, program_diagnostics};
pub use crate::checker::RELATIONS;
pub use crate::expr::Source as RowSource;
pub use crate::facts::{Facts, Inferred, Meaning, Mention, facts, facts_at};
pub use crate::files::module_docs;
pub use crate::graph::{dependencies, readers};
pub use crate::item::documentation;
pub use crate::members::members;
pub use crate::names::{
    Import, Resolution, Symbol, declared, dotted, imported_by, imports, modules, resolve, use_tree,
    visible_names,
};
pub use crate::policies::policies_of;
pub use crate::references::{Reference, Role, references, references_in};
pub use crate::row::{Origin, Row, RowColumn};
pub use crate::signature::{
    ConstantSignature, Emission, EntityHeader, FunctionSignature, Property, RelationSignature,
    Signature, entity_header, signature,
};
pub use crate::ty::Ty;
