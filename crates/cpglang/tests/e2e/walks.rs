//! Functions of queries that walk the graph.

use crate::sandbox::Sandbox;

const OUT: &str = "shop/.cpglang";

#[test]
fn queries_walk_the_graph() {
    let sandbox = Sandbox::bookshop();
    sandbox.build("shop");
    let column = |sql: &str| sandbox.column(OUT, sql);

    // Who reaches a function, over how many calls: the same as the closure of a program.
    assert_eq!(
        column(
            "select concat(depth, ' ', qualified_name) \
             from reachable('bookshop.text.words', 'CALL_GRAPH', 'in', 2) order by 1"
        ),
        [
            "1 bookshop.catalogue.search.matches",
            "1 bookshop.catalogue.search.matches.test",
            "2 bookshop.catalogue.search.all_of.<lambda1>",
            "2 bookshop.catalogue.search.search",
            "2 tests.test_catalogue.CatalogueTest.test_tests_combine",
        ]
    );
    assert_eq!(
        column(
            "select count(*) from reachable('bookshop.text.words', 'CALL_GRAPH') \
             where qualified_name = 'bookshop.text.plain' and depth = 1"
        ),
        ["1"]
    );

    // Every edge of the shortest chains of calls, with the places of the calls.
    let rows = sandbox.rows(
        OUT,
        "select step, source, target, \"start\" from \
         paths('bookshop.cli.main', 'bookshop.text.words', 'CALL_GRAPH')",
    );
    let chain: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} -> {}", row["step"], row["source"], row["target"]))
        .collect();
    assert_eq!(
        chain.first().map(String::as_str),
        Some("1 \"bookshop.cli.main\" -> \"bookshop.catalogue.shelf.Catalogue.search\"")
    );
    assert_eq!(rows.last().expect("a chain")["target"], "bookshop.text.words");
    assert!(rows.iter().all(|row| row["start"].is_number()), "{rows:?}");
    assert_eq!(
        column(
            "select count(*) from paths('bookshop.text.words', 'bookshop.cli.main', 'CALL_GRAPH')"
        ),
        ["0"]
    );

    // What a node is joined to; nodes go by their ids, too.
    assert_eq!(
        column(
            "select concat(direction, ' ', qualified_name) from \
             neighbours('bookshop.payments.CardGateway', 'INHERITS')"
        ),
        ["out bookshop.payments.Gateway"]
    );
    let id = column("select node_id from cpg_nodes where name = 'CardGateway' and kind = 'CLASS'");
    assert_eq!(
        column(&format!("select direction from neighbours({}, 'INHERITS')", id[0])),
        ["out"]
    );

    // A slice: what a returned value comes from.
    let slice = column(
        "select distinct name from reachable('bookshop.text.shorten', 'REACHES,FLOWS_TO', 'in')",
    );
    assert!(slice.contains(&"text".to_owned()), "{slice:?}");

    // Properties of a node side by side.
    assert_eq!(
        column(
            "select m.props['parameter_kind'] from cpg_props_map m join cpg_nodes n \
             on m.node_id = n.node_id where n.kind = 'PARAMETER' and n.name = 'text' limit 1"
        ),
        ["positional_or_keyword"]
    );
}

#[test]
fn what_is_wrong_with_a_call_is_told() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    for (sql, why) in [
        ("reachable('a.f')", "reachable(node, 'KIND,…'"),
        ("reachable('a.h', 'CALL_GRAPH')", "no node `a.h`"),
        ("reachable('a.f', 'CALL_GRAPH', 'up')", "'out' or 'in'"),
        ("reachable('a.f', 'CALL_GRAPH', 'in', 0)", "how many edges"),
        ("reachable(1.5, 'CALL_GRAPH')", "the qualified name of a node"),
        ("neighbours('a.f', 7)", "kinds of edges"),
        ("paths('a.f', 'a.g')", "paths(from, to"),
        ("paths('a.f', name, 'CALL_GRAPH')", ""),
    ] {
        let sql = format!("select * from {sql}");
        let run = sandbox.run(&["query", "--out", "code/.cpglang", &sql]).expect(1);
        run.says(&["bad-query", why]);
    }
}
