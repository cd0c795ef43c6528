import unittest

from bookshop import Book, Catalogue, EBook
from bookshop.catalogue.search import all_of, by_author, matches
from bookshop.catalogue.shelf import UnknownItem


class CatalogueTest(unittest.TestCase):
    def setUp(self) -> None:
        self.catalogue = Catalogue.sample()

    def test_finds_by_words(self) -> None:
        found = self.catalogue.search("paper ink")
        self.assertEqual([item.title for item in found], ["Ink and Paper"])

    def test_tests_combine(self) -> None:
        test = all_of(by_author("I. Quill"), matches("shelf"))
        self.assertEqual(len(list(filter(test, self.catalogue))), 1)

    def test_unknown_key(self) -> None:
        with self.assertRaises(UnknownItem):
            self.catalogue["nothing"]

    def test_downloads_weigh_nothing(self) -> None:
        self.assertEqual(EBook("A", 100).weight(), 0)
        self.assertGreater(Book("A", 100, pages=10).weight(), 0)
