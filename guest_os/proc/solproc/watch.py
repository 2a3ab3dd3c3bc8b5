"""The file `watch` and the message that changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rvsim.guest_os.abi import solproc as sol
from rvsim.guest_os.task.watch import set_area

if TYPE_CHECKING:
    from rvsim.guest_os.task.thread_group import ThreadGroup


def watched(group: ThreadGroup) -> bytes:
    """prwatch_t of every watched area, by address."""
    areas = group.tracing.watches if group.tracing is not None else []
    return b"".join(sol.PRWATCH.pack(pr_vaddr=area.start, pr_size=area.end - area.start, pr_wflags=area.flags)
                    for area in areas)


__all__ = ["set_area", "watched"]
