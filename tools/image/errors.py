"""What can be wrong with an image."""

from __future__ import annotations

from rvsim.tools.plain import plain


class ImageError(Exception):
    """An image cannot be read, used or made: one line for the user, whatever names the image has for it."""

    def __init__(self, message: str) -> None:
        super().__init__(plain(message))
