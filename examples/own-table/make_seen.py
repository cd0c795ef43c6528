"""Writes seen.parquet: which functions of the bookshop called which, and how often, while its tests ran."""

import sys
import threading
import unittest
from collections import Counter

import pyarrow
import pyarrow.parquet

shop, target = sys.argv[1:]
sys.path[:0] = [f"{shop}/src", shop]
seen = Counter()


def name(frame):
    return f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}".replace(".<locals>", "")


def profile(frame, event, _argument):
    back = frame.f_back
    if event == "call" and back is not None:
        pair = (name(back), name(frame))
        if all(one.startswith(("bookshop.", "tests.")) for one in pair):
            seen[pair] += 1


threading.setprofile(profile)
sys.setprofile(profile)
tests = ["tests.test_catalogue", "tests.test_orders"]
unittest.main(module=None, argv=["-", *tests], exit=False)
sys.setprofile(None)
rows = [{"caller": a, "callee": b, "calls": n} for (a, b), n in sorted(seen.items())]
pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), target)
print(len(rows), "pairs")
