//! cpg_plan
