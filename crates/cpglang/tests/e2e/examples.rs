//! The pages in `examples`: every command in them does what the page says.

use std::fs;

use crate::sandbox::{Sandbox, copy, repository};
use crate::shown::follow;

/// Follows the page of an example, which builds, asks and draws.
fn holds(name: &str) {
    let sandbox = Sandbox::new();
    copy(&repository().join("examples"), &sandbox.path("examples"));
    let page = format!("examples/{name}/README.md");
    assert!(follow(&sandbox, &[&page]) >= 3, "the page builds, asks and draws");
    let picture = format!("examples/{name}/picture.svg");
    let drawn = fs::read_to_string(sandbox.path(&picture)).expect("the page draws");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(repository().join(&picture), &drawn).expect("the picture can be kept");
    }
    let kept = fs::read_to_string(repository().join(&picture)).expect("the picture is kept");
    assert!(drawn == kept, "the page's command draws:\n{drawn}");
    // The program's own tests hold, too.
    let run = sandbox.run(&["test", &format!("examples/{name}")]).expect(0);
    assert!(run.stdout.ends_with("1 test passed\n"), "{}", run.stdout);
}

#[test]
fn who_can_reach_a_function() {
    holds("reach");
}

#[test]
fn dead_code() {
    holds("dead-code");
}

#[test]
fn import_layers() {
    holds("import-layers");
}

#[test]
fn untrusted_input() {
    holds("untrusted-input");
}

#[test]
fn impact_of_a_diff() {
    holds("impact");
}

#[test]
fn a_table_of_ones_own() {
    holds("own-table");
}
