"""JSON that a stranger wrote: each value is taken with the type that it must have."""

from __future__ import annotations

import json
import re
from typing import Any, TypeVar

from rvsim.tools.image.errors import ImageError

T = TypeVar("T")

_DIGEST = re.compile(r"(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128})", re.ASCII)


def parsed(data: bytes, what: str) -> Any:
    """What a JSON text says; no object has a key twice, since readers differ on which counts. Raises ImageError."""
    try:
        return json.loads(data, object_pairs_hook=_object)
    except _Twice as error:
        raise ImageError(f"{what} is damaged: it says {shown(error.args[0])} twice") from None
    except (ValueError, RecursionError):
        raise ImageError(f"{what} is no JSON that can be read") from None


class _Twice(Exception):
    """A key that an object has more than once."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _Twice(key)
        found[key] = value
    return found


def obj(value: Any, what: str) -> dict[str, Any]:
    """An object. Raises ImageError."""
    if not isinstance(value, dict):
        raise ImageError(f"{what} is damaged: no object where one must be")
    return value


def items(value: Any, what: str, limit: int = 4096) -> list[Any]:
    """A list; null is an empty one. Raises ImageError."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise ImageError(f"{what} is damaged: no list where one must be")
    if len(value) > limit:
        raise ImageError(f"{what} has {len(value)} entries where {limit} are enough")
    return value


def string(value: Any, what: str) -> str:
    """A text without NUL; null is an empty one. Raises ImageError."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ImageError(f"{what} is damaged: no text where one must be")
    if "\0" in value:
        raise ImageError(f"{what} is damaged: a text in it has a NUL")
    try:
        value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        raise ImageError(f"{what} is damaged: a text in it is no UTF-8") from None
    return value


def strings(value: Any, what: str) -> list[str]:
    """A list of texts. Raises ImageError."""
    return [string(one, what) for one in items(value, what)]


def texts(value: Any, what: str) -> dict[str, str]:
    """An object of texts; null is an empty one. Raises ImageError."""
    found = {} if value is None else obj(value, what)
    return {string(key, what): string(one, what) for key, one in found.items()}


def digest(value: Any, what: str) -> tuple[str, str]:
    """(algorithm, hexadecimal digits). Raises ImageError."""
    found = _DIGEST.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ImageError(f"{what} is damaged: {shown(value)} is no digest that rvsim knows")
    return (found[1], found[2]) if found[1] else (found[3], found[4])


def shown(value: Any) -> str:
    """A value for a message: short, in ASCII."""
    text = ascii(value)
    return text if len(text) <= 80 else f"{text[:60]}…{text[-17:]}"
