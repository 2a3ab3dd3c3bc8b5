"""Sizes and durations as people write them: `256M`, `64KiB`, `10s`, `500ms`."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d{1,20})\s*(?:([KMGT])(?:I?B)?|B)?", re.IGNORECASE | re.ASCII)
_DURATION = re.compile(r"(\d{1,20}(?:\.\d{1,20})?|\.\d{1,20})\s*(ns|us|µs|ms|s|m|h)?", re.IGNORECASE | re.ASCII)

_SIZE_SHIFT = {"": 0, "K": 10, "M": 20, "G": 30, "T": 40}
_UNIT_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}


def parse_size(text: str) -> int:
    """Bytes of a size such as `4096`, `64K`, `256M`, `1GiB`; every unit is a power of 1024.

    Raises:
        ValueError: `text` is no size; the message says what one looks like.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size; write 64K, 256M or 1G")
    number, unit = match.groups()
    return int(number) << _SIZE_SHIFT[(unit or "").upper()]


def parse_duration_ns(text: str) -> int:
    """Nanoseconds of a duration such as `10s`, `1.5s`, `500ms`, `2m`; a bare number is seconds.

    Raises:
        ValueError: `text` is no duration, or rounds to nothing; the message says what one looks like.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 10s, 500ms or 2m")
    number, unit = match.groups()
    whole, _, fraction = number.partition(".")
    scale = _UNIT_NS[(unit or "s").lower()]
    duration_ns = int(whole or 0) * scale + int(fraction or 0) * scale // int("1" + "0" * len(fraction))
    if duration_ns == 0:
        raise ValueError(f"{text!r} is no time at all; write 10s, 500ms or 2m")
    return duration_ns


def format_size(size_bytes: int) -> str:
    """`size_bytes` in the largest unit that divides it: 268435456 is `256M`."""
    for unit, shift in reversed(_SIZE_SHIFT.items()):
        if size_bytes and size_bytes % (1 << shift) == 0:
            return f"{size_bytes >> shift}{unit}"
    return str(size_bytes)


def rounded_size(size_bytes: int) -> str:
    """About `size_bytes`, for a person: `12.3 MiB`."""
    amount, unit = float(size_bytes), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1000:
            break
        amount, unit = amount / 1024, larger
    return f"{size_bytes} bytes" if unit == "bytes" else f"{amount:.1f} {unit}"
