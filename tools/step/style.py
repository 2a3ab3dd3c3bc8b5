"""Colours, where they are wanted: on a terminal, and never with NO_COLOR (no-color.org)."""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {"head": "1", "changed": "1;33", "address": "36", "here": "1;32", "error": "31", "dim": "2", "name": "35"}


class Style:
    """Paints pieces of text, or leaves them alone."""

    def __init__(self, colour: bool) -> None:
        self.colour = colour

    def paint(self, kind: str, text: str) -> str:
        """The text as a `kind` of thing."""
        return f"\x1b[{_CODES[kind]}m{text}\x1b[0m" if self.colour and text else text


def style_for(stream: TextIO) -> Style:
    """The style for what is written to a stream."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return Style(stream.isatty() and not plain)
