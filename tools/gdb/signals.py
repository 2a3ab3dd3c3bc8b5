"""Signal numbers of the remote protocol, which are the same for all systems. gdb: include/gdb/signals.def"""

from __future__ import annotations

UNKNOWN = 143
FIRST_REAL_TIME, RT32, RT64 = 45, 77, 78

_BY_LINUX = {
    1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 10, 8: 8, 9: 9, 10: 30, 11: 11, 12: 31, 13: 13, 14: 14, 15: 15, 17: 20,
    18: 19, 19: 17, 20: 18, 21: 21, 22: 22, 23: 16, 24: 24, 25: 25, 26: 26, 27: 27, 28: 28, 29: 23, 30: 32, 31: 12,
    32: RT32, **{signo: FIRST_REAL_TIME + signo - 33 for signo in range(33, 64)}, 64: RT64,
}  # fmt: skip
_BY_GDB = {number: signo for signo, number in _BY_LINUX.items()}


def to_gdb(signo: int) -> int:
    """The protocol's number of a signal of Linux, 1 to 64; 0 is no signal, and stays 0."""
    return _BY_LINUX.get(signo, UNKNOWN) if signo else 0


def from_gdb(number: int) -> int | None:
    """Linux's number; None: the signal does not exist there. 0 is no signal, and stays 0."""
    return 0 if not number else _BY_GDB.get(number)
