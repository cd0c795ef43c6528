#!/bin/bash
# What a user sees: the language server's words on the screen of a Neovim that runs in tmux. `pictures` as the argument
# draws the screens for the book. CPGLANG and SCRATCH are as for `run.sh`.
set -eu
cd "$(dirname "$0")"
pictures=$([ "${1:-}" = pictures ] && cd ../../../docs/pictures && pwd || true)
. ./terminal.sh

# Draws the screen as it is.
picture() { [ -z "$pictures" ] || screen -e -N | node ../../screen.mjs "$1" > "$pictures/$2.svg"; }

project=$(mktemp -d)
trap 'stop; rm -r "$project"' EXIT
cp -r ../../../examples/bookshop/shop.cpg "$project/"
cat > "$project/words.cpg" <<'CPG'
use std.python.definitions.def

/// Definitions whose names are short.
view short =
  from def as d
  where char_length(d.name) < 3
  select { d.name, d.path }

/// How many there are of each.
view counted = from short as s group by s.name { times: count() }

export counted

test "each name once" for counted {
  given short [{ name: "f", path: "a.py" }, { name: "f", path: "b.py" }]
  expect [{ name: "f", times: 1 }]
}
CPG

start "$project" words.cpg
shows "How many there are of each."
shows "1 reader"
echo "ok lines above items"

typed "/d.name) <"
press Enter
typed "2lcwnmae"
shows "has no column \`nmae\`"
press Escape
shows "a similar name exists"
picture "Neovim with a mistake and what is said of it" neovim-diagnostics
echo "ok a mistake is told as it is typed"

press u
hides "nmae"
echo "ok it is gone once it is mended"

typed "/from short"
press Enter w K
shows "Definitions whose names are short."
shows "name: string"
picture "Neovim with what is said of a view" neovim-hover
press Escape
echo "ok hover"

typed "/path }"
press Enter
typed "ea, d."
press C-x C-o
shows "module_id"
picture "Neovim with the columns that are in scope" neovim-completion
press Escape u
echo "ok completion"

typed "/^test"
press Enter
shows "run test"
typed "gl"
shows "is missing"
echo "ok the line above a test runs it"
