//! `cpglang.toml`, its profiles, variables and flags, and what `cpglang doctor` says of them.

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

const PROFILE: &str = "\
source = [\"code\"]
threads = 2

[features]
spilling = false

[profiles.lean]
memory = \"512MiB\"
features = { checkpoints = false }
";

fn project() -> Sandbox {
    let sandbox = Sandbox::small();
    sandbox.write("cpglang.toml", PROFILE);
    sandbox
}

fn doctor(sandbox: &Sandbox, args: &[&str], env: &[(&str, &str)]) -> (Run, Value) {
    let args = [&["doctor", "--message-format", "json"], args].concat();
    let mut command = sandbox.command(&args);
    command.envs(env.iter().copied());
    let run = Run::from(command.output().expect("the binary starts"));
    let report = run.objects().into_iter().find(|object| object["type"] == "doctor");
    let report = report.unwrap_or_else(|| panic!("no report: {}", run.stderr));
    (run, report)
}

/// A value and who says so.
fn told(report: &Value, name: &str) -> String {
    let all = [&report["settings"], &report["features"]]
        .into_iter()
        .flat_map(|told| told.as_array().cloned().unwrap_or_default());
    let one = all.into_iter().find(|one| one["name"] == name).expect("it is told");
    let text = |key: &str| one[key].as_str().unwrap_or("-").to_owned();
    format!("{} from {}", text("value"), text("from"))
}

fn state(report: &Value, name: &str) -> String {
    let machine = report["machine"].as_array().cloned().unwrap_or_default();
    let one = machine.iter().find(|one| one["name"] == name).expect("it was looked at");
    one["state"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_command_goes_where_the_profile_says() {
    let sandbox = project();
    sandbox.run(&["build"]).expect(0);
    assert!(sandbox.path("code/.cpglang/graph").is_dir());
    let sql = "select count(*) as n from cpg_nodes where path = 'a.py'";
    let rows = sandbox.run(&["query", "--format", "csv", sql]).expect(0);
    assert!(rows.stdout.starts_with("n\n") && rows.stdout != "n\n0\n", "{}", rows.stdout);
    let history = sandbox.run(&["history"]).expect(0);
    assert!(history.stdout.contains("run-00000001-"), "{}", history.stdout);
    let left_off = sandbox.run(&["artifacts", "capabilities"]).expect(0).stdout;
    let capabilities: Value = serde_json::from_str(&left_off).expect("documents are JSON");
    assert_eq!(capabilities["features"]["spilling"]["available"], false);

    // The program beside the source is what `check` reads, too.
    sandbox.write("code/wrong.cpg", "view x = from nothing as n select { n.a }\nexport x\n");
    sandbox.run(&["check"]).expect(1).says(&["unknown-name", "code/wrong.cpg"]);
}

#[test]
fn doctor_says_what_holds_and_who_says_so() {
    let sandbox = project();
    let (run, report) = doctor(&sandbox, &[], &[]);
    run.expect(0);
    assert_eq!(told(&report, "threads"), "2 from cpglang.toml:2");
    assert_eq!(told(&report, "memory"), "1.0 GiB from default");
    assert_eq!(told(&report, "spilling"), "off from cpglang.toml:5");
    assert_eq!(told(&report, "checkpoints"), "on from default");
    assert_eq!(told(&report, "out"), "code/.cpglang from default");
    assert_eq!(state(&report, "output"), "fine");
    assert_eq!(state(&report, "build"), "missing");

    let env = [("CPGLANG_PROFILE", "lean"), ("CPGLANG_THREADS", "3"), ("CPGLANG_WITH", "spilling")];
    let (_, report) = doctor(&sandbox, &["--memory", "2GiB"], &env);
    assert_eq!(told(&report, "threads"), "3 from CPGLANG_THREADS");
    assert_eq!(told(&report, "memory"), "2GiB from --memory");
    assert_eq!(told(&report, "spilling"), "on from CPGLANG_WITH");
    assert_eq!(told(&report, "checkpoints"), "off from cpglang.toml:9 (profile lean)");
    let (_, report) = doctor(&sandbox, &["--profile", "lean", "--without", "spilling"], &env);
    assert_eq!(told(&report, "memory"), "512MiB from cpglang.toml:8 (profile lean)");
    assert_eq!(told(&report, "spilling"), "off from --without", "a flag goes before a variable");

    let human = sandbox.run(&["doctor"]).expect(0).stdout;
    assert!(human.contains("\nFeatures\n") && human.contains("\nMachine\n"), "{human}");
}

#[test]
fn doctor_finds_what_would_keep_a_build_from_running() {
    let sandbox = project();
    sandbox.run(&["build"]).expect(0);
    let (run, report) = doctor(&sandbox, &[], &[]);
    run.expect(0);
    assert_eq!(state(&report, "build"), "fine");
    std::fs::remove_dir_all(sandbox.path("code/.cpglang/graph/cpg_edges")).expect("it was built");
    let (run, report) = doctor(&sandbox, &["--python", "no-such-python"], &[]);
    run.expect(3);
    assert_eq!(state(&report, "table"), "problem");
    assert_eq!(state(&report, "python"), "problem");
    let (run, report) = doctor(&sandbox, &["--source", "nowhere"], &[]);
    run.expect(3);
    assert_eq!(state(&report, "source"), "problem");
}

#[test]
fn what_is_wrong_is_shown_in_the_file_before_anything_is_done() {
    let sandbox = project();
    sandbox.write("cpglang.toml", "thread = 2\nmemory = \"much\"\n");
    let run = sandbox.run(&["build", "--source", "code"]).expect(2);
    let run =
        run.says(&["error[unknown-key]", "cpglang.toml:1:1", "replace `thread` by `threads`"]);
    let run = run.says(&["error[bad-setting]", "cpglang.toml:2:10", "expected a size"]);
    assert!(run.stderr.contains("2 errors in 1 file"), "{}", run.stderr);
    assert!(!sandbox.path("code/.cpglang").exists());
    let json = sandbox.run(&["build", "--source", "code", "--message-format", "json"]).expect(2);
    let codes: Vec<_> = json.objects().iter().map(|one| one["code"].clone()).collect();
    assert_eq!(codes, ["unknown-key", "bad-setting"]);
    // The page can be read all the same.
    let page = sandbox.run(&["explain", "unknown-key"]).expect(0);
    assert!(page.stdout.starts_with("# unknown-key"), "{}", page.stdout);

    sandbox.write("cpglang.toml", PROFILE);
    let args = ["build", "--profile", "laen"];
    sandbox.run(&args).expect(2).says(&["error[unknown-profile]", "did you mean `lean`?"]);
    let args = ["build", "--with", "spilling", "--without", "spilling"];
    sandbox.run(&args).expect(2).says(&["error[contradictory-settings]", "`--with`"]);
    let args = ["build", "--cache", "code/.cpglang"];
    sandbox.run(&args).expect(2).says(&["error[contradictory-settings]", "cache"]);
    assert!(!sandbox.path("code/.cpglang").exists());
}
