"""Discounts are functions from cents to cents."""

from collections.abc import Callable
from functools import reduce

Discount = Callable[[int], int]


def no_discount(amount: int) -> int:
    return amount


def percent(rate: int) -> Discount:
    """So many percent off."""

    def apply(amount: int) -> int:
        return amount - amount * rate // 100

    return apply


def voucher(value: int) -> Discount:
    """A fixed amount off, used up across several calls."""
    left = value

    def apply(amount: int) -> int:
        nonlocal left
        used = min(left, amount)
        left -= used
        return amount - used

    return apply


def chain(*discounts: Discount) -> Discount:
    """One after the other."""
    return lambda amount: reduce(lambda rest, discount: discount(rest), discounts, amount)
