"""Things that can be bought."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from bookshop.text import slug

#: Value added tax by kind of item, in percent.
TAX = {"printed": 7, "digital": 19}


@dataclass
class Item(ABC):
    """Something with a title and a price in cents."""

    title: str
    price: int
    tags: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """The item's name in addresses."""
        return slug(self.title)

    @property
    @abstractmethod
    def tax(self) -> int:
        """Percent of value added tax."""

    def gross(self) -> int:
        """The price with tax, in cents."""
        return self.price + self.price * self.tax // 100

    def describe(self) -> str:
        return f"{self.title} ({self.gross() / 100:.2f})"


@dataclass
class Book(Item):
    """A printed book."""

    author: str = "unknown"
    pages: int = 0

    @property
    def tax(self) -> int:
        return TAX["printed"]

    def weight(self) -> int:
        """Grams, near enough for postage."""
        return 50 + self.pages * 2


@dataclass
class EBook(Book):
    """A book to download."""

    size: int = 0

    @property
    def tax(self) -> int:
        return TAX["digital"]

    def weight(self) -> int:
        return 0

    def describe(self) -> str:
        return super().describe() + " [download]"


@dataclass
class AudioBook(EBook):
    """A book that somebody reads out."""

    reader: str = "unknown"

    def describe(self) -> str:
        return f"{super().describe()} read by {self.reader}"
