"""The bits of a page-table entry, for those who look at pages from outside mm. Privileged specification, "Sv39"."""

from __future__ import annotations

from rvsim.emu._gate import PTE_A, PTE_D, PTE_FILE

__all__ = ["PTE_A", "PTE_D", "PTE_FILE"]
