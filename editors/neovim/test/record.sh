#!/bin/bash
# Takes down what Neovim tells the language server while somebody types, for the benchmark of the server:
# crates/cpg_server/benches/session/recorded. CPGLANG and SCRATCH are as for `run.sh`.
set -eu
cd "$(dirname "$0")"
to=$(cd ../../../crates/cpg_server/benches/session/recorded && pwd)
. ./terminal.sh
project=$(mktemp -d)
trap 'stop; rm -r "$project"' EXIT

# Keeps what concerns the document.
keep() { sleep 1; press Escape; typed ":qa!"; press Enter; sleep 1; stop; node frames.mjs "$RECORD" > "$to/$1.ndjson"; }

# Somebody writes a relation and what counts its rows, and misspells on the way.
cp ../../../examples/bookshop/shop.cpg "$project/write.cpg"
RECORD=$project/write
start "$project" write.cpg
shows "reader"
typed "Go"
press Enter
typed "relate near from call as c to def as d {
on c.callee_name == d.nmae and c.path == d.path
"
typed "score 10
edge \"NEAR\"
}
"
press Escape
typed "/nmae"
press Enter
typed "cwname"
press Escape K
typed "Go"
press Enter
typed "view near_counts = from near as n
join def as d on n.dst == d."
press C-x C-o C-e
typed "def_id
group by d.path { rows: count(), most: max(n."
press C-x C-o C-e
typed "score) }
"
press Escape
typed "?near as"
press Enter
typed "gdK"
keep write

# Somebody goes through what is there: other words, a part moved and put back, a comment, a block gone and undone.
cp ../../../stdlib/python/calls.cpg "$project/edit.cpg"
RECORD=$project/edit
start "$project" edit.cpg
shows "reader"
typed "/where"
press Enter
typed "K"
typed "ddp"
press u u
typed "gg/^normalize"
press Enter
typed "O// What is called, and where."
press Escape
typed "jdapu"
typed "/select"
press Enter
typed "K"
typed "O  where true and not false"
press Escape
typed "ddu"
typed ":%s/as c /as called /g"
press Enter u
typed "ggVGd"
press u
typed "G?^view"
press Enter
typed "wgdK"
keep edit
ls -l "$to"
