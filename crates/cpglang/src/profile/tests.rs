use clap::{CommandFactory as _, FromArgMatches as _};
use cpg_base::MemorySystem;

use super::*;
use crate::args::{Command, CommandLine, MessageFormat};

fn keys() -> Keys {
    Keys::new(&CommandLine::command())
}

/// What is wrong with a file: codes with messages, help and fixes.
fn told(text: &str) -> String {
    let (_, _, wrong) = document::read(text, &keys(), None);
    let told = wrong.iter().map(|one| {
        let place = one.labels[0].range.slice(text).unwrap_or_default();
        let help = one.help.clone().unwrap_or_default();
        let fixes: Vec<_> = one.fixes.iter().map(|fix| fix.title.as_str()).collect();
        format!("{}: {} | {place} | {help} | {}\n", one.code, one.message, fixes.join(", "))
    });
    told.collect()
}

/// What holds for `cpglang build` with these arguments beside a file.
fn resolved(
    text: &str,
    profile: Option<&str>,
    args: &[&str],
) -> Result<(Command, Profile), Failure> {
    let system = MemorySystem::default().with_file(FILE, text);
    let console = Console::new(MessageFormat::Human, true);
    let document = document(&system, &keys(), profile, &console)?;
    let definition = document.over(CommandLine::command());
    let line = ["cpglang", "build"].iter().chain(args);
    let matches = definition.clone().try_get_matches_from(line).expect("the arguments make sense");
    let line = CommandLine::from_arg_matches(&matches).expect("they are a command line");
    let build = definition.find_subcommand("build").expect("there is `build`");
    let arguments: Vec<_> = build.get_arguments().cloned().collect();
    let (_, own) = matches.subcommand().expect("it has a command");
    Ok((line.command, resolve(document, &keys(), &arguments, own)?))
}

fn setting(profile: &Profile, key: &str) -> String {
    let Setting { values, origin } = &profile.settings[key];
    format!("{} from {origin}", values.join(","))
}

#[test]
fn a_command_has_limits_and_columns() {
    let text = "[external.licenses]\ncommand = [\"a\", \"b\"]\nmemory = \"1GiB\"\n\
                columns = { at = \"Offset<byte>\", name = \"string?\" }\n";
    let (document, _, wrong) = document::read(text, &keys(), None);
    assert_eq!(wrong, []);
    let (name, command) = document.external.iter().next().expect("one");
    assert_eq!(name, "licenses");
    assert_eq!(command.command, ["a", "b"]);
    assert_eq!((command.seconds, command.memory_bytes), (60, 1 << 30));
    let columns: Vec<_> =
        command.columns.iter().map(|column| format!("{}: {}", column.name, column.ty)).collect();
    assert_eq!(columns, ["at: Offset<byte>", "name: string?"]);
}

#[test]
fn what_means_nothing_is_told_where_it_stands_with_the_nearest() {
    let unknown = "unknown-key: there is no key `externl` | externl | did you mean `external`? | \
                   replace `externl` by `external`\n";
    assert_eq!(told("[externl.a]"), unknown);
    assert!(told("thread = 1").starts_with("unknown-key: there is no key `thread` | thread |"));
    assert!(told("[features]\nspiling = true").contains("`features` has no key `spiling`"));
    assert!(told("[profiles.ci]\nexternal = 1").contains("`profiles.ci` has no key `external`"));
    assert!(
        told("[profiles.ci.features]\nx = 1").contains("`profiles.ci.features` has no key `x`")
    );
    let command = |rest: &str| told(&format!("[external.a]\ncommand = [\"a\"]\n{rest}"));
    assert!(command("colums = {}").contains("`external.a` has no key `colums` | colums | did you"));
    assert!(told("[external.a]\ncolumns = {}").contains("`external.a` has no `command` | a |"));
}

#[test]
fn values_are_those_of_the_arguments() {
    assert_eq!(
        told("threads = 4\nmemory = \"4GiB\"\nsource = [\"a\", \"b\"]\nplan_gate = \"full\""),
        ""
    );
    assert!(told("threads = 0").contains("`threads` cannot be `0` | 0 | 0 is not in 1..=1024"));
    assert!(told("memory = \"much\"").contains("cannot be `much` | \"much\" | expected a size"));
    assert!(told("format = \"tabel\"").contains("the values are table, csv, json, ndjson"));
    assert!(told("threads = [1, 2]").contains("`threads` is a text or a number | [1, 2]"));
    assert!(told("source = [true]").contains("`source` is a text, or a list of texts | true"));
    assert!(told("[features]\nspilling = 1").contains("`spilling` is `true` or `false` | 1"));
    let command = |rest: &str| told(&format!("[external.a]\ncommand = [\"a\"]\n{rest}"));
    assert!(command("columns = { x = \"strng\" }").contains("column `x`: "));
    assert!(command("columns = { path = \"string\" }").contains("`path`"));
    assert!(command("columns = {}\nseconds = 0").contains("from 1 to 86400 | 0"));
    assert!(command("columns = {}\nformat = \"csv\"").contains("\"ndjson\" or \"arrow\""));
    assert!(command("columns = {}\nmemory = 3").contains("as in \"512MiB\""));
    assert!(told("external = 1").contains("`external` is a table | 1"));
    assert!(told("[").starts_with("bad-setting: "));
}

#[test]
fn a_flag_goes_before_the_profile_and_that_before_the_rest_of_the_file() {
    let text = "threads = 2\nmemory = \"2GiB\"\nsource = [\"a\", \"b\"]\n\n[features]\nspilling = false\n\
                checkpoints = false\n\n[profiles.ci]\nthreads = 3\nfeatures = { spilling = true }\n";
    let (command, plain) = resolved(text, None, &[]).expect("it is right");
    assert_eq!(setting(&plain, "threads"), "2 from cpglang.toml:1");
    assert_eq!(setting(&plain, "source"), "a,b from cpglang.toml:3");
    assert_eq!(setting(&plain, "cache_size"), "2GiB from default");
    let off = [Feature::Spilling, Feature::Checkpoints];
    assert_eq!(plain.without(), BTreeSet::from(off));
    let Command::Build(args) = command else { panic!("it is a build") };
    assert_eq!(
        (
            args.build.profile().expect("a folder").threads,
            args.build.profile().expect("a folder").memory_bytes
        ),
        (2, 2 << 30)
    );
    assert_eq!(args.build.profile().expect("a folder").sources, [Path::new("a"), Path::new("b")]);

    let (_, ci) = resolved(text, Some("ci"), &["--source", "c"]).expect("it is right");
    assert_eq!(setting(&ci, "threads"), "3 from cpglang.toml:10 (profile ci)");
    assert_eq!(setting(&ci, "memory"), "2GiB from cpglang.toml:2");
    assert_eq!(setting(&ci, "source"), "c from --source");
    assert_eq!(ci.without(), BTreeSet::from([Feature::Checkpoints]));

    let flags = ["--with", "checkpoints", "--without", "filter_pushdown"];
    let (_, told) = resolved(text, Some("ci"), &flags).expect("it is right");
    assert_eq!(told.without(), BTreeSet::from([Feature::FilterPushdown]));
    assert_eq!(told.gates[&Feature::Checkpoints].origin.to_string(), "--with");
    let (_, told) = resolved(text, None, &["--threads", "7"]).expect("it is right");
    assert_eq!(setting(&told, "threads"), "7 from --threads");
}

#[test]
fn contradictions_and_unknown_profiles_are_refused() {
    let code = |text: &str, profile, args: &[&str]| {
        let failure = resolved(text, profile, args).expect_err("it is wrong");
        (failure.code().map(Code::id), failure.help().unwrap_or_default())
    };
    let both = ["--with", "spilling", "--without", "spilling"];
    assert_eq!(code("", None, &both).0, Some("contradictory-settings"));
    let (unknown, help) = code("[profiles.test]", Some("tset"), &[]);
    assert_eq!((unknown, help.as_str()), (Some("unknown-profile"), "did you mean `test`?"));
    assert_eq!(code("", Some("ci"), &[]).1, "`cpglang.toml` has no table `[profiles.ci]`");
}

#[test]
fn every_argument_with_a_value_and_a_variable_is_a_key() {
    let keys = keys();
    let names: Vec<&str> = keys.names().collect();
    for name in ["cache", "cache_size", "format", "out", "program", "source", "threads"] {
        assert!(names.contains(&name), "{name}");
    }
    assert!(!names.contains(&"profile") && !names.contains(&"with") && !names.contains(&"quiet"));
}
