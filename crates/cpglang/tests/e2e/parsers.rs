//! Where the two parsers of Python differ is a table, for programs that ask for it.

use crate::sandbox::Sandbox;

#[test]
fn what_two_parsers_see_differently_is_a_row() {
    let sandbox = Sandbox::new();
    sandbox
        .write("code/a.py", "def f():\n    g()  # last\n\nh(1)\nclass C:\n    def m(self): pass\n");
    sandbox.write("code/b.py", "class C(\ndef f():\n    g()\nx = h(\ndef i(): pass\n");
    sandbox.write("code/c.js", "function f() { g() }\n");
    sandbox.write(
        "code/differs.cpg",
        "//! Parsers.\n\nuse std.python.parsers.parser_disagreement\n\nexport parser_disagreement\n",
    );
    let select = ["--select", "parser_disagreement"];
    sandbox.run(&[&["build", "--source", "code"], &select[..]].concat()).expect(0);
    let rows = sandbox.column(
        "code/.cpglang",
        "select concat(path, ' ', kind, ' ', name, ' ', start, ' ', coalesce(\"end\", -1), ' ', \
         coalesce(end_by_tree_sitter, -1)) from parser_disagreement order by path, start",
    );
    assert_eq!(
        rows,
        [
            "a.py function f 0 16 24",
            "b.py class C 0 8 -1",
            "b.py call h 30 32 -1",
            "b.py function i 33 46 -1",
            "b.py call i 37 -1 40",
        ]
    );
}
