//! The standard library, which comes with the binary.

use cpg_base::SourceId;
use cpg_hir::{Source, module_path};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/stdlib.rs"));
}

/// Every file of it, by module.
pub(super) fn files() -> Vec<Source> {
    let file = |(path, text): &(&str, &str)| Source {
        id: SourceId::new(&format!("std/{path}")),
        module: module_path("std", path),
        text: (*text).to_owned(),
        library: true,
    };
    embedded::FILES.iter().map(file).collect()
}
