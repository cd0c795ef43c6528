//! cpg_hir
