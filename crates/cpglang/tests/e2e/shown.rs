//! What the README and the tutorial show is what the commands print.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::sandbox::{Sandbox, copy, repository};

/// What a reader of a page does.
enum Step {
    /// Writes a file: a block of which the first line says `file=PATH`.
    Write { path: String, text: String },
    /// Runs a command of a `console` block, which is said to print something.
    Run { command: String, output: String },
}

/// Every step of a page, in order. Lines of a command go on until its quotes are closed.
fn steps(page: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if let Some((_, path)) = info.split_once(" file=") {
            let text = block.iter().map(|line| format!("{line}\n")).collect();
            steps.push(Step::Write { path: path.to_owned(), text });
        }
        for line in block.into_iter().filter(|_| info == "console") {
            let last = steps.last_mut();
            if let Some(command) = line.strip_prefix("$ ") {
                steps.push(Step::Run { command: command.to_owned(), output: String::new() });
            } else if let Some(Step::Run { command, output }) = last {
                let is_open = command.matches('"').count() % 2 == 1;
                let text = if is_open { command } else { output };
                text.push_str(if is_open { "\n" } else { "" });
                text.push_str(line);
                text.push_str(if is_open { "" } else { "\n" });
            }
        }
    }
    steps
}

/// Does what pages say, one after the other, in a folder with the examples. Gives how many commands were run.
fn follow(sandbox: &Sandbox, pages: &[&str]) -> usize {
    let binary = Path::new(env!("CARGO_BIN_EXE_cpglang")).parent().expect("it is in a folder");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(binary.to_owned()).chain(std::env::split_paths(&path));
    let path = std::env::join_paths(folders).expect("folders make a path");
    let mut commands = 0;
    for page in pages {
        let text = fs::read_to_string(repository().join(page)).expect("the page is there");
        for step in steps(&text) {
            match step {
                Step::Write { path, text } => sandbox.write(&path, &text),
                Step::Run { command, output } => {
                    let run = Command::new("sh")
                        .args(["-c", &format!("{{ {command}\n}} 2>&1")])
                        .env("PATH", &path)
                        .current_dir(sandbox.path("."))
                        .output()
                        .expect("a shell is there");
                    let found = String::from_utf8(run.stdout).expect("messages are UTF-8");
                    assert_eq!(found.trim_end(), output.trim_end(), "{page}: {command}");
                    commands += 1;
                }
            }
        }
    }
    commands
}

#[test]
#[cfg(unix)]
fn commands_print_what_the_readme_shows() {
    let sandbox = Sandbox::new();
    copy(&repository().join("examples/bookshop"), &sandbox.path("examples/bookshop"));
    sandbox.build("examples/bookshop");
    assert!(follow(&sandbox, &["README.md"]) >= 5, "the README shows what commands print");
}

#[test]
#[cfg(unix)]
fn commands_print_what_the_tutorial_shows() {
    let sandbox = Sandbox::new();
    copy(&repository().join("examples/bookshop"), &sandbox.path("examples/bookshop"));
    let pages = ["first-graph", "view", "relation", "checks", "own-repository"];
    let pages = pages.map(|page| format!("docs/tutorial/{page}.md"));
    let pages: Vec<&str> = pages.iter().map(String::as_str).collect();
    assert!(follow(&sandbox, &pages) >= 15, "the tutorial shows what commands print");
}
