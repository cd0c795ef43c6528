//! Bytes of an index.
#![no_main]

use cpg_fuzz::evidence::scip;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| scip(bytes));
