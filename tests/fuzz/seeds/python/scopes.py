def f(a):
    def g():
        nonlocal a
        global h
        a, h = h, a
        return [b for b in [a for a in b] if lambda: b]
    class C:
        __p = a
        def m(self): return __class__, self.__p
        x = [y for _ in x]
    try: pass
    except E as e: del e
    with a as a.b, c as d[0]: return locals()
    return g
