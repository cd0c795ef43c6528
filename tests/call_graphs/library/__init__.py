"""A package that hands names on."""
from .parts import part


def starred():
    part()


def original():
    pass


renamed = original
library_value = renamed


class Tool:
    def use(self):
        pass

# starred -> library.parts.part
