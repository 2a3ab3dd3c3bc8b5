"""A TOML file that a person wrote: read, checked, and for whatever is wrong one line that says where."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from typing import Any, TypeVar

from rvsim.tools.toml.kinds import Where, Wrong
from rvsim.tools.toml.places import Places

T = TypeVar("T")

MOST_BYTES = 4 << 20


def read_toml(data: bytes, name: str, make: Callable[[dict[str, Any], Places], T], error: type[Exception]) -> T:
    """What `make` makes of the file's tables. It raises Wrong for what is not as it must be; `name` is the file's.

    Raises:
        error: with one line.
    """
    if len(data) > MOST_BYTES:
        raise error(f"{name}: it has more than {MOST_BYTES >> 20} MiB")
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as bad:
        line = data.count(b"\n", 0, bad.start) + 1
        raise error(f"{name}:{line}: it is no UTF-8") from None
    except tomllib.TOMLDecodeError as bad:
        place = re.search(r" \(at line (\d+), column \d+\)$", str(bad))
        line = int(place[1]) if place else text.count("\n") + 1
        message = str(bad)[:place.start()] if place else str(bad).removesuffix(" (at end of document)")
        raise error(f"{name}:{line}: {printable(message[:1].lower() + message[1:])}") from None
    except (RecursionError, ValueError):
        raise error(f"{name}: its values are too deep or too large") from None
    try:
        return make(raw, Places(text))
    except Wrong as bad:
        raise error(f"{name}:{Places(text).line(bad.where)}: {_path(bad.where)}{bad}") from None
    except RecursionError:
        raise error(f"{name}: its values are too deep or too large") from None


def printable(value: object) -> str:
    """A value of TOML as text that nothing is in but what can be printed."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _path(where: Where) -> str:
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f"{printable(text[:200])}: " if text else ""
