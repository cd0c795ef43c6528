//! Interpreters that are none. They are shell scripts; real ones are in the tests of the crate.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use super::*;

const SHORT: Limits =
    Limits { start: Duration::from_secs(20), file: Duration::from_millis(400), answer: 100_000 };

/// Says that it is one.
const GREETING: &str = "echo '[\"CPython\",\"3.11.0\"]'";

/// What comes of a script that is asked about a file, and how long it took.
fn asked(lines: &[&str]) -> (Result<(), String>, Duration) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("python");
    fs::write(&path, format!("#!/bin/sh\n{}\n", lines.join("\n"))).expect("a file");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    let begun = Instant::now();
    let answered = Interpreter::with(&path, SHORT).and_then(|interpreter| {
        let interpreter = Interpreter { limits: SHORT, ..interpreter };
        let mut session = Session::new(&interpreter);
        session.ask(b"x = 1\n").map(|_| ())
    });
    let answered = answered.map_err(|error| error.replace(&path.display().to_string(), "PYTHON"));
    (answered, begun.elapsed())
}

#[test]
fn what_fails_says_so_in_bounded_time_with_its_words() {
    let cases: [(&[&str], &str); 7] = [
        (&["echo no >&2", "exit 3"], "`PYTHON` ended (exit status: 3): no"),
        (&["echo hello"], "`PYTHON` is no Python interpreter (exit status: 0)"),
        (
            &[GREETING, "echo late >&2", "sleep 30"],
            "the interpreter did not answer within 400ms: late",
        ),
        (&[GREETING, "read line", "kill -9 $$"], "the interpreter ended (signal: 9 (SIGKILL))"),
        (
            &[GREETING, "read line", "exec cat /dev/zero"],
            "the interpreter answered with more than 100000 bytes",
        ),
        (&[GREETING, "yes words >&2 &", "read line", "sleep 30"], "words\nwords"),
        (&[GREETING, "exec 0<&-", "exit 0"], "the interpreter ended (exit status: 0)"),
    ];
    for (lines, expected) in cases {
        let (answered, took) = asked(lines);
        let error = answered.expect_err("it fails");
        assert!(error.contains(expected), "{error} for {lines:?}");
        assert!(took < Duration::from_secs(20), "{took:?} for {lines:?}");
    }
}

#[test]
fn what_is_not_there_is_told() {
    let error = Interpreter::at(Path::new("/nowhere/python")).expect_err("nothing is there");
    assert!(error.starts_with("`/nowhere/python` cannot be run: "), "{error}");
}

#[test]
fn what_fails_again_and_again_is_not_asked_any_more() {
    let interpreter = Interpreter {
        path: PathBuf::from("/nowhere/python"),
        limits: SHORT,
        version: String::new(),
    };
    let mut session = Session::new(&interpreter);
    for _ in 0..FAILURES {
        let error = session.ask(b"").expect_err("nothing is there");
        assert!(error.starts_with("the interpreter cannot be run"), "{error}");
    }
    let error = session.ask(b"").expect_err("it is given up");
    assert!(error.ends_with("is not asked any more"), "{error}");
}
