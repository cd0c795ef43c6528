"""Small functions on text."""

import re
import unicodedata

_WORD = re.compile(r"\w+")


def plain(text: str) -> str:
    """Without accents, in lower case: `Café` becomes `cafe`."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def words(text: str) -> set[str]:
    return set(_WORD.findall(plain(text)))


def slug(text: str) -> str:
    """A name for addresses: `Ink and Paper` becomes `ink-and-paper`."""
    return "-".join(_WORD.findall(plain(text)))


def shorten(text: str, width: int) -> str:
    """Cut at a word, with dots. (Nothing calls this any more.)"""
    if len(text) <= width:
        return text
    return text[:width].rsplit(" ", 1)[0] + "…"
