"""The cart."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalogue import Book, Item
from .pricing import Discount, no_discount


@dataclass(frozen=True)
class Line:
    """An item and how many of it."""

    item: Item
    count: int = 1

    def total(self) -> int:
        return self.item.gross() * self.count


class Cart:
    """What a customer wants to buy."""

    def __init__(self, discount: Discount = no_discount) -> None:
        self.lines: list[Line] = []
        self.discount = discount

    def add(self, item: Item, count: int = 1) -> "Cart":
        if count < 1:
            raise ValueError("count must be at least 1")
        self.lines.append(Line(item, count))
        return self

    @property
    def subtotal(self) -> int:
        """Cents before discount and postage."""
        return sum(line.total() for line in self.lines)

    def postage(self) -> int:
        grams = sum(
            line.item.weight() * line.count for line in self.lines if isinstance(line.item, Book)
        )
        return 0 if grams == 0 else 190 + grams // 100 * 15

    def total(self) -> int:
        return self.discount(self.subtotal) + self.postage()

    def __bool__(self) -> bool:
        return bool(self.lines)
