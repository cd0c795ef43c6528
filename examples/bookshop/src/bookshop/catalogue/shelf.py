"""The catalogue: items by their key."""

from __future__ import annotations

from collections.abc import Iterator

from .items import Book, Item
from .search import search as search_items


class UnknownItem(LookupError):
    """No item has this key."""

    def __init__(self, key: str) -> None:
        super().__init__(f"no item `{key}`")
        self.key = key


class Catalogue:
    """All items of the shop."""

    def __init__(self, items: list[Item] | None = None) -> None:
        self._items: dict[str, Item] = {}
        for item in items or []:
            self.add(item)

    def add(self, item: Item) -> None:
        self._items[item.key] = item

    def __getitem__(self, key: str) -> Item:
        try:
            return self._items[key]
        except KeyError:
            raise UnknownItem(key) from None

    def __iter__(self) -> Iterator[Item]:
        yield from self._items.values()

    def __len__(self) -> int:
        return len(self._items)

    def books(self) -> list[Book]:
        return [item for item in self if isinstance(item, Book)]

    def search(self, words: str, limit: int = 10) -> list[Item]:
        return list(search_items(self, words, limit))

    @classmethod
    def sample(cls) -> Catalogue:
        """A few books to try things out with."""
        return cls(
            [
                Book("The Left Shelf", 1250, author="I. Quill", pages=310),
                Book("Ink and Paper", 990, author="M. Folio", pages=180),
            ]
        )
