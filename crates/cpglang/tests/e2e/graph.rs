//! What the graph of the bookshop says.

use crate::sandbox::Sandbox;

const OUT: &str = "shop/.cpglang";

/// Who has an edge of that kind to the node of that qualified name.
fn sources(sandbox: &Sandbox, kind: &str, target: &str) -> Vec<String> {
    let sql = format!(
        "select distinct s.qualified_name from cpg_edges e \
         join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
         where e.kind = '{kind}' and d.qualified_name = '{target}' order by 1"
    );
    sandbox.column(OUT, &sql)
}

/// What the node of that qualified name has an edge of that kind to.
fn targets(sandbox: &Sandbox, kind: &str, source: &str) -> Vec<String> {
    let sql = format!(
        "select distinct d.qualified_name from cpg_edges e \
         join cpg_nodes s on e.src = s.node_id join cpg_nodes d on e.dst = d.node_id \
         where e.kind = '{kind}' and s.qualified_name = '{source}' order by 1"
    );
    sandbox.column(OUT, &sql)
}

#[test]
fn the_bookshop_answers_questions() {
    let sandbox = Sandbox::bookshop();
    let report = sandbox.build("shop").stdout;
    for part in [
        "20 files",
        "graph/cpg_nodes",
        "graph/cpg_edges",
        "subscription.py",
        "select * from errors",
    ] {
        assert!(report.contains(part), "`{part}` is not in:\n{report}");
    }

    // Calls across files, by relative import, out of a closure.
    assert_eq!(
        sources(&sandbox, "CALL_GRAPH", "bookshop.text.words"),
        ["bookshop.catalogue.search.matches", "bookshop.catalogue.search.matches.test"]
    );
    // A call through a re-export of a re-export.
    let callers = sources(&sandbox, "CALL_GRAPH", "bookshop.orders.checkout.place_order");
    assert!(callers.contains(&"bookshop.cli.main".to_owned()), "{callers:?}");
    // Instantiation runs the initialiser.
    assert!(
        targets(&sandbox, "CALL_GRAPH", "bookshop.cli.main")
            .contains(&"bookshop.orders.cart.Cart.__init__".to_owned())
    );

    // Inheritance within and across files, and from outside the sources.
    let bases = |class: &str| targets(&sandbox, "INHERITS", class);
    assert_eq!(bases("bookshop.catalogue.items.EBook"), ["bookshop.catalogue.items.Book"]);
    assert_eq!(bases("bookshop.catalogue.items.Item"), ["abc.ABC"]);
    assert_eq!(bases("bookshop.orders.checkout.EmptyCart"), ["builtins.ValueError"]);
    assert_eq!(
        targets(&sandbox, "OVERRIDES", "bookshop.payments.CardGateway.charge"),
        ["bookshop.payments.Gateway.charge"]
    );

    // The project's own relation and table.
    assert_eq!(
        sources(&sandbox, "TESTS", "bookshop.orders.pricing.voucher"),
        [
            "tests.test_orders.PricingTest.test_a_voucher_is_used_up",
            "tests.test_orders.PricingTest.test_discounts_chain"
        ]
    );
    let unused = sandbox.column(OUT, "select qualified_name from unused_definition");
    assert!(unused.contains(&"bookshop.text.shorten".to_owned()), "{unused:?}");
    assert!(!unused.contains(&"bookshop.text.words".to_owned()), "{unused:?}");

    // The broken file is named, and what of it could be read is there.
    assert_eq!(
        sandbox.column(OUT, "select distinct path from errors"),
        ["src/bookshop/drafts/subscription.py"]
    );
    assert_eq!(
        sandbox.column(
            OUT,
            "select name from cpg_nodes where kind = 'CLASS' and path like '%subscription.py'"
        ),
        ["Subscription"]
    );

    // What every graph promises.
    let zero = |sql: &str| assert_eq!(sandbox.column(OUT, sql), ["0"], "{sql}");
    zero("select count(*) - count(distinct node_id) from cpg_nodes");
    zero("select count(*) from cpg_edges e left anti join cpg_nodes n on e.src = n.node_id");
    zero("select count(*) from cpg_edges e left anti join cpg_nodes n on e.dst = n.node_id");
    zero("select count(*) from cpg_props p left anti join cpg_nodes n on p.node_id = n.node_id");
    zero("select count(*) from cpg_nodes where \"start\" > \"end\"");
    zero("select count(*) from cpg_edges where confidence < 0 or confidence > 1");
}

#[test]
fn queries_only_read_and_say_what_is_wrong() {
    let sandbox = Sandbox::small();
    sandbox.build("code");
    let out = "code/.cpglang";
    let query = |sql: &str| sandbox.run(&["query", "--out", out, sql]);

    query("select nmae from cpg_nodes").expect(1).says(&["bad-query", "name"]);
    query("select * from cpg_node").expect(1).says(&["bad-query", "cpg_nodes"]);
    query("selct 1").expect(1).says(&["bad-query"]);
    query("").expect(1).says(&["bad-query"]);
    for sql in [
        "copy cpg_nodes to 'x.csv'",
        "insert into cpg_nodes select * from cpg_nodes",
        "drop table cpg_nodes",
        "create external table x stored as csv location '/etc/hosts'",
    ] {
        query(sql).expect(1).says(&["bad-query"]);
    }
    assert!(!sandbox.path("x.csv").exists());

    let run = query("select name from cpg_nodes where kind = 'FUNCTION' order by name").expect(0);
    assert_eq!(run.stdout, "+------+\n| name |\n+------+\n| f    |\n| g    |\n+------+\n2 rows\n");
    assert_eq!(run.stderr, "");
    let empty = ["query", "--out", out, "--format", "csv", "select src from cpg_edges where false"];
    assert_eq!(sandbox.run(&empty).expect(0).stdout, "src\n");
    sandbox.write("q.sql", "select count(*) as n from cpg_nodes where kind = 'FUNCTION'\n");
    let file = sandbox.run(&["query", "--out", out, "--format", "json", "-f", "q.sql"]).expect(0);
    assert_eq!(file.stdout, "[{\"n\":2}]\n");
}
