#!/bin/sh
# The tests of the Neovim plugin. SCRATCH is a folder for what is built; CPGLANG names the program whose language
# server is asked, where there is one.
set -eu
cd "$(dirname "$0")"
scratch=${SCRATCH:-$(mktemp -d)}
mkdir -p "$scratch/neovim/parser"
"${CC:-cc}" -O1 -shared -fPIC -I ../../tree-sitter-cpg/src ../../tree-sitter-cpg/src/parser.c \
  ../../tree-sitter-cpg/src/scanner.c -o "$scratch/neovim/parser/cpg.so"
XDG_STATE_HOME="$scratch" XDG_CACHE_HOME="$scratch" nvim --headless -n -i NONE -u NONE \
  --cmd "set runtimepath^=$PWD/.. runtimepath+=$scratch/neovim" -c "luafile run.lua"
