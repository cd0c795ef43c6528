//! The committed function catalogue is the one this build offers.

use std::path::Path;

use cpg_plan::functions::function_catalog;

/// `UPDATE=1 cargo test -p cpg_plan catalog` writes the file anew.
#[test]
fn the_committed_catalogue_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../cpg_ir/data/functions.json");
    let mut current =
        serde_json::to_string_pretty(&function_catalog()).expect("a catalogue is JSON");
    current.push('\n');
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).expect("the catalogue can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "crates/cpg_ir/data/functions.json is stale: run `UPDATE=1 cargo test -p cpg_plan catalog`"
    );
}
