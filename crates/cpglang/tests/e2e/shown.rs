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
pub(crate) fn follow(sandbox: &Sandbox, pages: &[&str]) -> usize {
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

/// The examples of functions on their page: calls, the values of `x` that they are over, and what they give.
fn examples(page: &str) -> Vec<(&str, Option<&str>, &str)> {
    let lines = page.lines().filter_map(|line| line.strip_prefix('`')?.strip_suffix('`'));
    let example = |line| {
        let (call, gives): (&str, &str) = str::rsplit_once(line, "` is `")?;
        Some(match call.split_once("` over `") {
            Some((call, over)) => (call, Some(over), gives),
            None => (call, None, gives),
        })
    };
    lines.filter_map(example).collect()
}

#[test]
fn functions_give_what_their_page_says() {
    let page = repository().join("docs/language/all-functions.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let examples = examples(&page);
    let windows = page.matches("\nShown in ").count();
    assert_eq!(examples.len() + windows, page.matches("\n### ").count(), "each has one");
    let mut program = String::from("use std.python.evidence.cst_defs\n");
    for (number, (call, over, gives)) in examples.iter().enumerate() {
        // A null has no type of its own, and numbers stand for what means a number.
        let value = match over {
            None if *gives == "null" => "[ { path: \"p\", v: null } ]".to_owned(),
            _ => format!("[ {{ path: \"p\", v: {gives} }} ]"),
        };
        let float = over.is_some_and(|over| over.contains('.'));
        let (ty, number_of) = if float { ("float", "0.0") } else { ("int", "0") };
        let (row, given) = match over {
            None => (format!("select {{ d.path, v: {call} }}"), "{ path: \"p\", ... }".to_owned()),
            Some(over) => (
                format!(
                    "select {{ d.path, x: if d.name == \"null\" then null else coalesce(cast(d.name, {ty}), {number_of}) }} group by path {{ v: {call} }}"
                ),
                over.split(", ")
                    .map(|x| format!("{{ path: \"p\", name: \"{x}\", ... }}"))
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
        };
        program.push_str(&format!(
            "view v{number} = from cst_defs as d {row}\ntest {call:?} for v{number} {{\n  given cst_defs [ {given} ]\n  expect {value}\n}}\n"
        ));
    }
    let sandbox = Sandbox::new();
    sandbox.write("examples.cpg", program);
    let run = sandbox.run(&["test"]).expect(0);
    assert!(run.stdout.contains(&format!("{} tests passed", examples.len())), "{}", run.stdout);
}
