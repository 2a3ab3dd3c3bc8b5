"""Which lines and functions of guest programs ran, with no rebuild: from the blocks that ran, by symbols and DWARF.

`Coverage` is imported when it is asked for: the command line needs the option's name without what reads programs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rvsim.tools.coverage.coverage import Coverage

__all__ = ["Coverage"]


def __getattr__(name: str) -> Any:
    if name == "Coverage":
        from rvsim.tools.coverage.coverage import Coverage

        return Coverage
    raise AttributeError(name)
