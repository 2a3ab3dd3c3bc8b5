"""Colours, where they are wanted: on a terminal, and never with NO_COLOR (no-color.org)."""

from __future__ import annotations

import os
import re
from typing import TextIO

from rvsim.tools.plain import plain_text

_CODES = {"head": "1", "changed": "1;33", "address": "36", "here": "1;32", "error": "31", "dim": "2", "name": "35"}
_PAINT = re.compile("(\x1b\\[(?:0|" + "|".join(_CODES.values()) + ")m)")
"""A guest's text may have these: all that comes of it is another colour."""


class Style:
    """Paints pieces of text, or leaves them alone."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def paint(self, kind: str, text: str) -> str:
        """The text as a `kind` of thing."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.colour and text else text

    def shown(self, text: str) -> str:
        """What was put together with `paint`, and has texts of the guest in it, as it may go to a terminal."""
        if not self.colour:
            return plain_text(text)
        return "".join(part if at % 2 else plain_text(part) for at, part in enumerate(_PAINT.split(text)))


def style_for(stream: TextIO) -> Style:
    """The style for what is written to a stream."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(stream.isatty() and not plain)
