"""What the guests of a failed Python test add to its report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.tools.testing.options import results_folder
from rvsim.tools.testing.report import sections

if TYPE_CHECKING:
    import pytest

    from rvsim.tools.testing.factory import Guests


def add_sections(item: pytest.Item, guests: Guests) -> None:
    """A few sections for each of its guests that is open."""
    results = results_folder(item.config)
    for number, guest in enumerate(guests.all, 1):
        if guest.closed:
            continue
        many = len(guests.all) > 1
        trap = guest.failure.trap if guest.failure is not None else None
        name = f"{item.nodeid}-{number}" if many else item.nodeid
        for title, text in sections(guest, name, trap, results):
            item.add_report_section("call", f"guest {number} {title}" if many else f"guest {title}", text)
