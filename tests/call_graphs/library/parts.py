"""A module of a package."""


def part():
    pass
