"""Finding items by words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from ..text import words

if TYPE_CHECKING:
    from .items import Item

Predicate = Callable[["Item"], bool]


def matches(query: str) -> Predicate:
    """A test for items that have every word of the query in their title."""
    wanted = words(query)

    def test(item: Item) -> bool:
        return wanted <= words(item.title)

    return test


def by_author(name: str) -> Predicate:
    """A test for books of one author."""
    return lambda item: getattr(item, "author", None) == name


def all_of(*tests: Predicate) -> Predicate:
    """A test that passes where all the given ones pass."""
    return lambda item: all(test(item) for test in tests)


def search(items: Iterable[Item], query: str, limit: int) -> Iterator[Item]:
    """The first items that match, cheapest first."""
    found = filter(matches(query), items)
    yield from islice(sorted(found, key=lambda item: item.price), limit)
