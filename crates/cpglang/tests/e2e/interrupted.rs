//! Builds that are stopped, nicely or not.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::sandbox::Sandbox;

const OUT: &str = "code/.cpglang";
const COUNT: &str = "select count(*) from cpg_nodes where kind = 'FUNCTION'";

/// Many files, so that a build takes a while.
fn write_code(sandbox: &Sandbox, functions_per_file: usize) {
    for file in 0..40 {
        let function = |n: usize| format!("def f{n}(x):\n    return f{n}(x) + len(str(x))\n\n");
        let text: String = (0..functions_per_file).map(function).collect();
        sandbox.write(&format!("code/m{file}.py"), text);
    }
}

fn signal(child: &Child, name: &str) {
    let status = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(status.expect("kill is there").success());
}

/// How long a whole build takes here.
fn build_time(sandbox: &Sandbox) -> Duration {
    let start = Instant::now();
    sandbox.build("code");
    start.elapsed()
}

/// Parts of a build's length: a few, or as many as `CPG_KILLS` says, which lie evenly and in no order.
fn moments() -> Vec<f64> {
    let golden = (5_f64.sqrt() - 1.0) / 2.0;
    match std::env::var("CPG_KILLS").ok().and_then(|kills| kills.parse::<u32>().ok()) {
        Some(kills) => (0..kills).map(|kill| (f64::from(kill) * golden).fract()).collect(),
        None => vec![0.15, 0.4, 0.6, 0.75, 0.85, 0.95],
    }
}

/// Stops builds at moments spread over their whole length; after each, the build before must be whole.
fn stop_builds(signal_name: &str, check_code: impl Fn(Option<i32>)) {
    let sandbox = Sandbox::new();
    write_code(&sandbox, 3);
    let whole = build_time(&sandbox);
    let mut expected = sandbox.column(OUT, COUNT);
    assert_eq!(expected, ["120"]);

    let mut functions = 3;
    for (round, part) in moments().into_iter().enumerate() {
        functions = 4 + round % 7;
        write_code(&sandbox, functions);
        let mut child = sandbox.start(&["build", "--source", "code", "--threads", "2"]);
        std::thread::sleep(whole.mul_f64(part));
        let running = child.try_wait().expect("it can be asked").is_none();
        if running {
            signal(&child, signal_name);
        }
        let status = child.wait().expect("it ends");
        if running {
            check_code(status.code());
        }
        // The build before, or this one when it was done already; never something between.
        let now = sandbox.column(OUT, COUNT);
        let new = [(40 * functions).to_string()];
        assert!(now == expected || now == new, "{now:?} is neither {expected:?} nor {new:?}");
        expected = now;
    }

    // The next build finishes the work.
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, COUNT), [(40 * functions).to_string()]);
    let zero = "select count(*) from cpg_edges e left anti join cpg_nodes n on e.dst = n.node_id";
    assert_eq!(sandbox.column(OUT, zero), ["0"]);
}

#[test]
#[cfg(unix)]
fn an_interrupted_build_leaves_the_one_before() {
    // Done with code 0 when the signal came after the last commit.
    stop_builds("-INT", |code| assert!(matches!(code, Some(130 | 0)), "{code:?}"));
}

#[test]
#[cfg(unix)]
fn a_killed_build_leaves_the_one_before() {
    stop_builds("-KILL", |_| {});
}

#[test]
fn two_builds_at_once_are_one_after_the_other() {
    let sandbox = Sandbox::new();
    write_code(&sandbox, 3);
    let mut first = sandbox.start(&["build", "--source", "code"]);
    let mut second = sandbox.start(&["build", "--source", "code"]);
    let codes = [&mut first, &mut second].map(|child| child.wait().expect("it ends").code());
    // The one that came second was refused, or came when the first was done.
    assert!(codes.contains(&Some(0)), "{codes:?}");
    assert!(codes.iter().all(|code| matches!(code, Some(0 | 3))), "{codes:?}");
    assert_eq!(sandbox.column(OUT, COUNT), ["120"]);
}

/// A disk on which no file can be larger than a few blocks stands for a full one.
#[test]
#[cfg(unix)]
fn a_full_disk_leaves_the_build_before() {
    let sandbox = Sandbox::new();
    write_code(&sandbox, 3);
    sandbox.build("code");
    let before = sandbox.column(OUT, COUNT);
    write_code(&sandbox, 4);
    let binary = env!("CARGO_BIN_EXE_cpglang");
    for blocks in [0, 4, 16] {
        let script =
            format!("ulimit -f {blocks}; trap '' XFSZ; exec '{binary}' build --source code");
        let run = Command::new("sh").arg("-c").arg(script).current_dir(sandbox.path(".")).output();
        let run = crate::sandbox::Run::from(run.expect("a shell is there")).expect(3);
        run.says(&["error[storage]"]);
        assert_eq!(sandbox.column(OUT, COUNT), before);
    }
    sandbox.build("code");
    assert_eq!(sandbox.column(OUT, COUNT), ["160"]);
}
