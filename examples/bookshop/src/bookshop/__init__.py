"""A small shop for books.

The names that other programs use are gathered here.
"""

from .catalogue import Book, Catalogue, EBook
from .orders import Cart, Order, place_order

__all__ = ["Book", "Cart", "Catalogue", "EBook", "Order", "place_order"]
__version__ = "0.3.0"
