"""Sizes and durations as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rvsim.tools.quantities import format_size, parse_duration_ns, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("4096", 4096),
        ("12B", 12),
        ("64K", 1 << 16),
        ("64k", 1 << 16),
        ("64KB", 1 << 16),
        ("64KiB", 1 << 16),
        ("256M", 1 << 28),
        (" 256 MiB ", 1 << 28),
        ("1G", 1 << 30),
        ("2T", 1 << 41),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "M", "-1", "+5M", "1.5G", "256X", "256MM", "0x10", "1e6", "٣M", "1_000", "1 0"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(ValueError, match="is not a size; write"):
        parse_size(text)


@given(st.integers(min_value=0, max_value=1 << 60))
def test_a_formatted_size_is_parsed_back(size: int) -> None:
    assert parse_size(format_size(size)) == size


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("10", 10_000_000_000),
        ("10s", 10_000_000_000),
        ("1.5s", 1_500_000_000),
        (".5s", 500_000_000),
        ("500ms", 500_000_000),
        ("3us", 3_000),
        ("3µs", 3_000),
        ("7ns", 7),
        ("2m", 120_000_000_000),
        ("1h", 3_600_000_000_000),
        ("0.1s", 100_000_000),
    ],
)
def test_durations(text: str, duration_ns: int) -> None:
    assert parse_duration_ns(text) == duration_ns


@pytest.mark.parametrize("text", ["", "s", "-1s", "1d", "1.s", "1m30s", "1e3", "inf", "nan", "0x1s"])
def test_no_durations(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write"):
        parse_duration_ns(text)


@pytest.mark.parametrize("text", ["0", "0s", "0.0ms", "0.1ns"])
def test_no_time_at_all(text: str) -> None:
    with pytest.raises(ValueError, match="no time at all"):
        parse_duration_ns(text)
