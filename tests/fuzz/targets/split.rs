//! Cutting a file into items: chunks lie in the text, one after the other, and each is one item by itself.
#![no_main]

use cpg_syntax::split;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let whole = split(text);
    let mut end = 0;
    for chunk in &whole.chunks {
        assert!(end <= chunk.range.start());
        end = chunk.range.end();
        let item = chunk.range.slice(text).expect("chunks lie in the text");
        let again = split(item);
        assert_eq!(again.chunks.len(), 1, "{item:?}");
        assert_eq!(again.chunks[0].name, chunk.name);
    }
    assert!(end as usize <= text.len());
    for error in &whole.errors {
        assert!(error.range.slice(text).is_some());
    }
});
