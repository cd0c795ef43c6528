//! cpg_engine
