"""Paying for a cart."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from bookshop import events
from bookshop.payments import Gateway, PaymentRefused, Receipt

from .cart import Cart

_numbers = itertools.count(1)


class EmptyCart(ValueError):
    """There is nothing to order."""


@dataclass
class Order:
    """A cart that has been paid for, or is about to be."""

    cart: Cart
    number: int = field(default_factory=lambda: next(_numbers))
    receipt: Receipt | None = None

    @property
    def paid(self) -> bool:
        return self.receipt is not None

    async def pay(self, gateway: Gateway) -> Receipt:
        self.receipt = await gateway.charge(self.cart.total(), f"order {self.number}")
        events.publish("paid", self)
        return self.receipt


async def place_order(cart: Cart, gateway: Gateway) -> Order:
    """Pay for what is in the cart.

    Raises EmptyCart, or PaymentRefused when the gateway says no.
    """
    if not cart:
        raise EmptyCart
    order = Order(cart)
    async with gateway:
        try:
            await order.pay(gateway)
        except PaymentRefused:
            events.publish("refused", order)
            raise
    return order
