"""What the shop sells."""

from .items import AudioBook, Book, EBook, Item
from .search import by_author, search
from .shelf import Catalogue

__all__ = ["AudioBook", "Book", "Catalogue", "EBook", "Item", "by_author", "search"]
