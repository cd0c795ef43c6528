//! `closure` and `fixpoint` on real sources.

use crate::sandbox::{Run, Sandbox};

const OUT: &str = "code/.cpglang";

/// `a` calls `b`, which calls `c`; `c` and `d` call each other.
fn with_program(program: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write(
        "code/a.py",
        "def a():\n    b()\n\n\ndef b():\n    c()\n\n\ndef c():\n    d()\n\n\ndef d():\n    c()\n",
    );
    let uses = "use std.graph.cpg_edges\nuse std.python.definitions.def\n\n";
    sandbox.write("program/recursion.cpg", format!("{uses}{program}"));
    sandbox
}

fn parity(bound: u32) -> String {
    format!(
        "view calls = from cpg_edges as e where e.kind == \"CALL_GRAPH\" select {{ e.src, e.dst }}

fixpoint parity bound {bound} {{
  view odd =
      from calls as c
    | from even as v join calls as c on v.dst == c.src select {{ v.src, c.dst }}
  view even = from odd as o join calls as c on o.dst == c.src select {{ o.src, c.dst }}
}}

view odd_ways = from odd as o
  join def as a on o.src == a.def_id
  join def as b on o.dst == b.def_id
  select {{ way: concat(a.name, b.name) }}
view even_ways = from even as e
  join def as a on e.src == a.def_id
  join def as b on e.dst == b.def_id
  select {{ way: concat(a.name, b.name) }}

export odd_ways, even_ways
check unique odd_ways(way)
"
    )
}

fn build(sandbox: &Sandbox, more: &[&str]) -> Run {
    let args = ["build", "--source", "code", "--program", "program"];
    sandbox.run(&args.iter().chain(more).copied().collect::<Vec<_>>()).expect(0)
}

fn prints(run: &Run, text: &str) {
    assert!(run.stdout.contains(text), "`{text}` is not in:\n{}", run.stdout);
}

fn ways(sandbox: &Sandbox, view: &str) -> Vec<String> {
    sandbox.column(OUT, &format!("select way from {view} order by way"))
}

#[test]
fn what_is_called_is_reached() {
    let sandbox = with_program(
        "closure reaches over cpg_edges as e where e.kind == \"CALL_GRAPH\" { from src to dst }
closure near over cpg_edges as e where e.kind == \"CALL_GRAPH\" { from src to dst, depth <= 1 }

view ways = from reaches as r
  join def as a on r.src == a.def_id
  join def as b on r.dst == b.def_id
  select { way: concat(a.name, b.name, cast(r.depth, string)) }

export ways, near
check unique near(src, dst)
check expect near: depth == 1
",
    );
    build(&sandbox, &[]);
    assert_eq!(
        ways(&sandbox, "ways"),
        ["ab1", "ac2", "ad3", "bc1", "bd2", "cc2", "cd1", "dc1", "dd2"]
    );
    assert_eq!(sandbox.column(OUT, "select count(*) from near"), ["4"]);
    prints(&build(&sandbox, &[]), "Nothing changed");
}

#[test]
fn views_that_need_each_other_are_computed_together() {
    let sandbox = with_program(&parity(50));
    for threads in ["1", "3"] {
        let run = build(&sandbox, &["--threads", threads]);
        assert!(!run.stdout.contains("bound-reached"), "{}", run.stdout);
        assert_eq!(ways(&sandbox, "odd_ways"), ["ab", "ad", "bc", "cd", "dc"]);
        assert_eq!(ways(&sandbox, "even_ways"), ["ac", "bd", "cc", "dd"]);
    }
    sandbox.write("code/a.py", "def a():\n    b()\n\n\ndef b():\n    a()\n");
    build(&sandbox, &[]);
    assert_eq!(ways(&sandbox, "odd_ways"), ["ab", "ba"]);
    assert_eq!(ways(&sandbox, "even_ways"), ["aa", "bb"]);
}

#[test]
fn a_bound_that_is_reached_is_told_and_recorded() {
    let sandbox = with_program(&parity(2));
    let run = build(&sandbox, &["--message-format", "json"]);
    let event = run.stdout.lines().find(|line| line.contains("\"event\":\"bound_reached\""));
    let event = event.unwrap_or_else(|| panic!("no event: {}", run.stdout));
    assert!(
        event.contains("\"code\":\"bound-reached\"") && event.contains("\"rounds\":2"),
        "{event}"
    );
    assert!(event.contains("\"fixpoint\":\"recursion.parity\""), "{event}");
    assert_eq!(ways(&sandbox, "odd_ways"), ["ab", "bc", "cd", "dc"]);
    assert_eq!(ways(&sandbox, "even_ways"), ["ac", "bd", "cc", "dd"]);
    // A build that has nothing to do says it again: the rows are as they were.
    let run = build(&sandbox, &[]);
    prints(&run, "Nothing changed");
    prints(&run, "warning[bound-reached]: fixpoint `recursion.parity` ended after 2 rounds");
}
