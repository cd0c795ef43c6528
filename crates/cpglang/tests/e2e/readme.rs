//! What the README shows is what the commands print.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{Sandbox, copy, repository};

/// A command of a `console` block and what it is said to print.
struct Shown {
    command: String,
    output: String,
}

/// Every command that a text shows, in order. Lines of a command go on until its quotes are closed.
fn shown(text: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
            continue;
        }
        if !inside {
            continue;
        }
        let open = |shown: &&mut Shown| shown.command.matches('"').count() % 2 == 1;
        if let Some(command) = line.strip_prefix("$ ") {
            found.push(Shown { command: command.to_owned(), output: String::new() });
        } else if let Some(shown) = found.last_mut().filter(open) {
            shown.command.push('\n');
            shown.command.push_str(line);
        } else if let Some(shown) = found.last_mut() {
            shown.output.push_str(line);
            shown.output.push('\n');
        }
    }
    found
}

#[test]
#[cfg(unix)]
fn commands_print_what_the_readme_shows() {
    let sandbox = Sandbox::new();
    copy(&repository().join("examples/bookshop"), &sandbox.path("examples/bookshop"));
    sandbox.build("examples/bookshop");
    let binary = Path::new(env!("CARGO_BIN_EXE_cpglang")).parent().expect("it is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).expect("folders make a path");

    let readme = fs::read_to_string(repository().join("README.md")).expect("it is there");
    let shown = shown(&readme);
    assert!(shown.len() >= 5, "the README shows what the commands print");
    for Shown { command, output } in shown {
        let run = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .env("PATH", &path)
            .current_dir(sandbox.path("."))
            .output()
            .expect("a shell is there");
        let found = String::from_utf8(run.stdout).expect("messages are UTF-8");
        assert_eq!(found.trim_end(), output.trim_end(), "{command}");
    }
}
