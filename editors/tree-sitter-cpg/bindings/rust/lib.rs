//! The tree-sitter grammar of the `.cpg` language, as editors have it. The compiler does not use it: its parser is
//! `cpg_syntax`, which the tests of this crate compare with.

use tree_sitter_language::LanguageFn;

#[allow(unsafe_code, reason = "declares what the generated parser defines")]
unsafe extern "C" {
    fn tree_sitter_cpg() -> *const ();
}

/// The language.
#[allow(unsafe_code, reason = "the function is what the type asks for")]
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_cpg) };

/// What words and names are.
pub const HIGHLIGHTS: &str = include_str!("../../queries/highlights.scm");
/// What can be folded.
pub const FOLDS: &str = include_str!("../../queries/folds.scm");
/// What is indented.
pub const INDENTS: &str = include_str!("../../queries/indents.scm");
/// Where names are known.
pub const LOCALS: &str = include_str!("../../queries/locals.scm");
/// Items.
pub const TAGS: &str = include_str!("../../queries/tags.scm");
