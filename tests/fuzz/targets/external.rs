//! What a command prints.
#![no_main]

use cpg_fuzz::evidence::external;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| external(bytes));
