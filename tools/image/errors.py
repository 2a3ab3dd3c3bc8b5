"""What can be wrong with an image."""

from __future__ import annotations


class ImageError(Exception):
    """An image cannot be read, used or made: one line for the user."""


def reason(error: OSError) -> str:
    """What the host says, as a part of a sentence."""
    return (error.strerror or str(error)).lower()
