//! Parsing items: a tree or an error, errors and their fixes in the text, and no error that blames the parser.
#![no_main]

use cpg_base::Code;
use cpg_syntax::{parse_item, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for chunk in split(text).chunks {
        let item = chunk.range.slice(text).expect("chunks lie in the text");
        let parsed = parse_item(item, chunk.keyword);
        assert!(parsed.item.is_some() || !parsed.errors.is_empty(), "nothing said of {item:?}");
        for error in &parsed.errors {
            assert!(error.range.slice(item).is_some());
            assert!(error.fix.as_ref().is_none_or(|fix| fix.range.slice(item).is_some()));
            assert_ne!(error.code, Code::Internal, "{error:?}");
        }
    }
});
