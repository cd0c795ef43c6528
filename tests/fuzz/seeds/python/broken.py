def f(:
    pass

class C:
    x = = 1
  y

def g(): return h(
"""
