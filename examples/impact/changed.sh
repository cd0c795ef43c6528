#!/bin/sh
# Writes which lines differ from a commit, as the table that impact.cpg reads: changed.sh COMMIT > changed.csv
echo path,first_line,last_line
git diff --unified=0 --relative "$1" -- '*.py' | awk '
  /^\+\+\+ / { path = substr($2, 3) }
  /^@@ / {
    split(substr($3, 2), lines, ",")
    count = (lines[2] == "") ? 1 : lines[2]
    if (count > 0) print path "," lines[1] "," lines[1] + count - 1
  }'
