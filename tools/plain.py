"""Text that comes from a guest, on its way to a person's terminal: nothing in it may be obeyed there."""

from __future__ import annotations


def plain(text: str) -> str:
    """A line with nothing in it that a terminal would act on: what cannot be printed becomes U+FFFD, a tab a space."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else " " if letter == "\t" else "\ufffd" for letter in text)


def plain_text(text: str) -> str:
    """The same for text of several lines, of which tabs stay."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in "\t\n" else "\ufffd" for letter in text)


def visible(text: str) -> str:
    """The same for words that are looked at closely: what cannot be printed stands there as Python writes it."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else
                   f"\\x{ord(letter) - 0xDC00:02x}" if 0xDC80 <= ord(letter) <= 0xDCFF else
                   letter.encode("unicode_escape").decode() for letter in text)
