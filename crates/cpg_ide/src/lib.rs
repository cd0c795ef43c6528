//! What editors are told of a program: answers in byte offsets, without a word of any editor's protocol.
//!
//! Every answer is taken from what the frontend finds while it checks an item ([`cpg_hir::semantics`]), so that an
//! editor never says something else than the compiler does. A file's items are asked one by one, and most answers
//! need one item only.

mod actions;
mod complete;
mod definition;
mod extract;
mod format;
#[cfg(test)]
mod functions_page;
mod guards;
mod hierarchy;
mod hints;
mod hover;
mod imports;
mod keys;
mod lens;
mod links;
mod mentions;
mod outline;
mod place;
mod references;
mod rename;
mod search;
mod selection;
mod signature_help;
mod tokens;
mod words;

pub use actions::{Action, ActionKind, actions};
pub use complete::{Completion, CompletionKind, complete};
pub use definition::{declaration, definition, type_definition};
pub use format::{format, format_item_at, format_range};
pub use hierarchy::{Relative, hierarchy_item, read_by, reads};
pub use hints::{Hint, hints};
pub use hover::{Hover, hover};
pub use lens::{Lens, LensKind, lenses};
pub use links::{Link, links};
pub use mentions::{Access, Column, Mention, Symbol, mentions, symbols_at};
pub use outline::{Entry, EntryKind, outline, workspace_entries};
pub use place::{Place, TextEdit, item_at, name_place};
pub use references::{highlights, linked, references};
pub use rename::{RenameError, module_renamed, prepare_rename, rename};
pub use selection::{Fold, FoldKind, folds, selection};
pub use signature_help::{SignatureHelp, signature_help};
pub use tokens::{SemanticToken, TokenClass, semantic_tokens};
