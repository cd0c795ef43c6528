//! Bytes of a file in any language with a grammar.
#![no_main]

use cpg_fuzz::evidence::tree_sitter;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| tree_sitter(bytes));
