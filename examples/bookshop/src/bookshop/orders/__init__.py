"""From the cart to the paid order."""

from .cart import Cart, Line
from .checkout import Order, place_order

__all__ = ["Cart", "Line", "Order", "place_order"]
