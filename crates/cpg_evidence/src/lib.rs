//! cpg_evidence
