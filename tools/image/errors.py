"""What can be wrong with an image."""

from __future__ import annotations

from rvsim.tools.errors import reason

__all__ = ["ImageError", "reason"]


class ImageError(Exception):
    """An image cannot be read, used or made: one line for the user."""
