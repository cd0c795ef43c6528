//! `cargo xtask editors`: the tests of what stands in `editors/`, and what is generated there.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{self, Outcome, cargo, root, say, succeeds, target_dir};

/// Runs every test whose programs are there, and says what is left out. `generate` writes what is generated; `host`
/// only tests the extension inside VS Code; `pictures` draws Neovim's screen for the book, and `record` takes down what it
/// says while somebody types, for the benchmark of the language server.
pub fn run(args: &[String]) -> Outcome {
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        [] => test(),
        ["generate"] => generate(),
        ["host"] => host(),
        ["pictures"] => in_terminal("screen.sh", &["pictures"]),
        ["record"] => in_terminal("record.sh", &[]),
        _ => Err("expected nothing, `generate`, `host`, `pictures` or `record`".into()),
    }
}

fn test() -> Outcome {
    process::run(&mut grammar_tests())?;
    if has("npm") {
        parser_is_current()?;
        vscode()?;
    } else {
        left_out("VS Code, and generating the parser again", "npm");
    }
    let server = server();
    for (name, program, script) in
        [("Neovim", "nvim", "neovim/test/run.sh"), ("Emacs", "emacs", "emacs/test/run.sh")]
    {
        if has(program) {
            let mut command = Command::new("sh");
            command.arg(editors().join(script)).env("CPGLANG", &server);
            process::run(command.env("SCRATCH", scratch()?))?;
        } else {
            left_out(name, program);
        }
    }
    match has("nvim") && succeeds(Command::new("tmux").arg("-V")) {
        true => in_terminal("screen.sh", &[])?,
        false => left_out("what Neovim shows on a screen", "nvim and tmux"),
    }
    match has("npm") && has("chromium") {
        true => host(),
        false => {
            left_out("the extension inside VS Code", "npm and chromium");
            Ok(())
        }
    }
}

/// Neovim in a terminal of its own, with the parser that its other tests compile.
fn in_terminal(script: &str, args: &[&str]) -> Outcome {
    let mut command = Command::new("bash");
    command.arg(editors().join("neovim/test").join(script)).args(args);
    process::run(command.env("CPGLANG", server()).env("SCRATCH", scratch()?))
}

/// Keywords from the compiler's list, then the grammars from them.
fn generate() -> Outcome {
    let update = |test: &str| {
        let mut command = grammar_tests();
        process::run(command.env("EDITORS_UPDATE", "1").args(["--", test]))
    };
    // The crate compiles with the parser that is there: the lists can be written before it is generated anew.
    for test in ["keywords_are", "the_scanner_knows", "every_keyword_is", "emacs_knows"] {
        update(&format!("generated::{test}"))?;
    }
    write_parser(&grammar().join("src"))?;
    for test in ["generated::the_parser_is", "editors::queries_in_other_names"] {
        update(test)?;
    }
    process::run(Command::new("node").arg(editors().join("vscode/scripts/textmate.mjs")))
}

fn grammar_tests() -> Command {
    let mut command = cargo();
    command.args(["test", "--quiet", "--package", "tree_sitter_cpg", "--test", "it"]);
    command
}

/// The extension: its grammar is current, it compiles, its tests pass, it can be packaged.
fn vscode() -> Outcome {
    install_packages()?;
    npm(&["run", "--silent", "generate", "--", "--check"])?;
    npm(&["run", "--silent", "check"])?;
    npm(&["test", "--silent"])?;
    npm(&["run", "--silent", "package"])
}

fn host() -> Outcome {
    install_packages()?;
    npm(&["run", "--silent", "host"])
}

fn npm(args: &[&str]) -> Outcome {
    let mut command = Command::new("npm");
    command.current_dir(editors().join("vscode")).args(args).env("CPGLANG", server());
    process::run(command.env("HOST", target_dir().join("editors/host")))
}

fn install_packages() -> Outcome {
    let folder = editors().join("vscode");
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))?;
    // Written last, so that an interrupted installation is repeated.
    let stamp = folder.join("node_modules/installed.json");
    if std::fs::read_to_string(&stamp).unwrap_or_default() != lock {
        npm(&["ci", "--no-audit", "--no-fund", "--loglevel=error"])?;
        std::fs::write(&stamp, lock)?;
    }
    Ok(())
}

fn parser_is_current() -> Outcome {
    let fresh = scratch()?.join("parser");
    write_parser(&fresh)?;
    for file in ["parser.c", "grammar.json", "node-types.json"] {
        if std::fs::read(fresh.join(file))? != std::fs::read(grammar().join("src").join(file))? {
            return Err(format!("`cargo xtask editors generate` brings {file} up to date").into());
        }
    }
    Ok(())
}

/// By a program of its own, which is compiled here for the first time.
fn write_parser(to: &Path) -> Outcome {
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--manifest-path"]);
    command.arg(grammar().join("generate/Cargo.toml")).arg("--").arg(grammar()).arg(to);
    process::run(command.env("CARGO_TARGET_DIR", target_dir().join("editors/generate")))
}

/// The program whose language server is talked to: the one in `CPGLANG`, else the one built here.
fn server() -> OsString {
    let built = target_dir().join("debug/cpglang");
    std::env::var_os("CPGLANG").unwrap_or_else(|| built.into_os_string())
}

fn scratch() -> Outcome<PathBuf> {
    let folder = target_dir().join("editors/scratch");
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn editors() -> PathBuf {
    root().join("editors")
}

fn grammar() -> PathBuf {
    editors().join("tree-sitter-cpg")
}

fn has(program: &str) -> bool {
    succeeds(Command::new(program).arg("--version"))
}

fn left_out(what: &str, program: &str) {
    say(&format!("left out: {what}, for want of {program}"));
}
