//! Laying out: what is laid out stays as it is, and has the same items.
#![no_main]

use cpg_syntax::{format, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let once = format(text);
    let twice = format(&once.text);
    assert_eq!(twice.text, once.text, "{text:?}");
    assert_eq!(twice.copied.len(), once.copied.len(), "{text:?}");
    let names = |text: &str| -> Vec<_> {
        split(text).chunks.into_iter().map(|chunk| (chunk.keyword, chunk.name)).collect()
    };
    assert_eq!(names(&once.text), names(text));
});
