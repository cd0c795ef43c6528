"""Doc."""
from __future__ import annotations
from . import a as b, c
from .m import *
import os.path as p, sys

@d(1)
async def f[T: int](a, /, *b: int, c=lambda x: x, **k) -> None:
    global g
    async with h() as (i, j), l: del k[0]
    async for q in r:
        if q: continue
        elif not q: break
    else: await s
    return [m async for m in n if (o := p)]

class Q(R, s=t):
    u: v = f'{w!r:{x}}' 'y'
    def m(self): return super().m(__class__)

try:
    raise E from None
except* (F, G) as e: pass
finally:
    while 1: assert x, y
match z:
    case {'a': aa, **bb} | [*cc] if dd: pass
    case C(1, k=-2j) as n: pass
type X[*Ts, **P] = dict[str, Ts]
