//! Bytes of a Python file.
#![no_main]

use cpg_fuzz::evidence::python;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| python(bytes));
