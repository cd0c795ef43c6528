//! Views in SQL among others, from checking to rows.

use crate::sandbox::Sandbox;

fn with_program(program: &str) -> Sandbox {
    let sandbox = Sandbox::small();
    sandbox.write("code/views.cpg", program);
    sandbox
}

#[test]
fn a_view_in_sql_is_a_relation_like_others() {
    let sandbox = with_program(
        "use std.python.definitions.def as d\n\n\
         view counted = sql \"\"\"\n  select path, count(*) as defs -- all of them\n  from d group by path\n\"\"\"\n\
         view many = from counted as c where c.defs > 1 select { c.path, twice: c.defs * 2 }\n\
         view ids = sql \"\"\"select def_id, name from d where kind = 'function'\"\"\"\n\
         view same = from ids as i join d as x on i.def_id == x.def_id select { x.name }\n\n\
         export many, same\n",
    );
    sandbox.build("code");
    let out = "code/.cpglang";
    assert_eq!(sandbox.column(out, "select twice from many"), ["4"]);
    assert_eq!(sandbox.column(out, "select name from same order by 1"), ["f", "g"]);
}

#[test]
fn what_is_wrong_is_told_in_the_query() {
    for (query, code, place) in [
        ("select nam\n  from d", "bad-sql", "4:10"),
        ("select name\n  from defs", "unknown-name", "5:8"),
        ("select name from d limit 3", "refused-sql", "3:"),
        ("delete from d", "refused-sql", "3:"),
        ("select name from", "bad-sql", ""),
    ] {
        let sandbox = with_program(&format!(
            "use std.python.definitions.def as d\n\nview broken = sql \"\"\"\n  {query}\n\"\"\"\n"
        ));
        let run = sandbox.run(&["check", "code/views.cpg"]).expect(1);
        assert!(run.stderr.contains(code), "{query}: {}", run.stderr);
        assert!(run.stderr.contains(&format!("views.cpg:{place}")), "{query}: {}", run.stderr);
    }
}
