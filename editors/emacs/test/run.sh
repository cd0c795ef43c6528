#!/bin/sh
# The tests of the Emacs mode. CPGLANG names the program whose language server is asked, where there is one.
set -eu
cd "$(dirname "$0")"
emacs -Q --batch -L .. -l cpg-mode-tests.el -f ert-run-tests-batch-and-exit
