"""A book every month. Work in progress: this file does not parse."""

from ..orders import Cart


class Subscription:
    def __init__(self, months: int) -> None:
        self.months = months

    def next_cart(self) -> Cart:
        return Cart(

    def cancel(self) -> None:
        self.months = 0
