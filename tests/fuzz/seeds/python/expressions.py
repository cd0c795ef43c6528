x = y = (1, *a, {**b, 'k': c}, {d}, [e for f in g for h in i if j if k])
x += a.b[c:d, ::e](f, *g, h=i, **j) if k else not l and m or n
x, *y = yield from z
p = lambda *a, k=1: (yield)
q = a < b <= c is not d not in e
größe = rb'\x00' + b"\n" @ -~1 ** 2 // 0x_f
s = f"{x:>{y}}{'z'!r}{a=}" f'{{}}' t'{q}'
del x[0], y.z, (p, q)
print(f'''
{x
}''', end='')
[a, (b, c)] = d = e
for i, (j, *k) in l: nonlocal_ = i; global_ = (yield)
