"""Reading files that may be damaged."""

from __future__ import annotations

from typing import Any


def attempt(read: Any) -> Any:
    """What `read()` gives; None if the file is not as it should be, which pyelftools answers with any exception."""
    try:
        return read()
    except Exception:
        return None
