# coding: latin-1
x = 'éé'; f(y)def h(): pass
